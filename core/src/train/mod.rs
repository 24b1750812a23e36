//! Training: tasks, optimizers, early stopping, and a state that can be saved after any epoch.
//!
//! An error of dfdx, a `CpuError`, always means that there is not enough memory for a tensor.

mod adam;
mod average;
mod cache;
mod classification;
mod epoch;
mod fit;
mod fused_epoch;
mod history;
mod nesterov;
mod optimizer;
mod pairs;
mod random;
mod range_test;
mod recipe;
mod run_folder;
mod saved;
mod schedule;
mod state;
mod statistics;
mod task;
mod threads;
mod timings;

pub use adam::Adam;
pub use average::Decay;
pub use cache::cache;
pub use classification::Classification;
pub use epoch::{train_epoch, train_on_tape};
pub use fit::{Ending, Fitted, Observer, Unattended, fit, fit_part, fit_task};
pub use history::{Epoch, History};
pub use nesterov::Nesterov;
pub use optimizer::{Optimizer, update_parameters};
pub use pairs::{FixedPairs, PairTask};
pub use range_test::{RangeTest, range_test};
pub use recipe::{Algorithm, Recipe, Settings};
pub use run_folder::{FINAL, HeldFolder, Opened, RunFolder, seed_folder};
pub use saved::{Checkpoint, Identity, ResumeState, describe};
pub use schedule::Schedule;
pub use state::{Best, TrainingState};
pub use task::Task;
pub use threads::{SharedThreads, ThreadShare};
