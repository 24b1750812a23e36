//! Training: tasks, optimizers, early stopping, and a state that can be saved after any epoch.

mod adam;
mod cache;
mod epoch;
mod fit;
mod fused_epoch;
mod history;
mod nesterov;
mod optimizer;
mod recipe;
mod run_folder;
mod saved;
mod state;
mod task;

pub use adam::Adam;
pub use cache::cache;
pub use epoch::train_epoch;
pub use fit::{Ending, Fitted, Observer, Unattended, fit, fit_part, fit_task};
pub use history::{Epoch, History};
pub use nesterov::Nesterov;
pub use optimizer::{Algorithm, Optimizer, update_parameters};
pub use recipe::{Recipe, Schedule, Settings};
pub use run_folder::{FINAL, HeldFolder, Opened, RunFolder, seed_folder};
pub use saved::{Checkpoint, Identity, ResumeState, describe};
pub use state::{Best, TrainingState};
pub use task::{Classification, Task};
