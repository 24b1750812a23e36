//! What the exercises' binaries share: flags, output, progress, interruption, exit statuses.

mod args;
mod console;
mod interrupt;
mod loading;
mod progress;
mod search;
mod seeds;
mod session;
mod tensorboard;

pub use args::{Args, DataArgs, TrainingDefaults};
pub use console::Console;
pub use interrupt::Interrupt;
pub use progress::FitProgress;
pub use search::TrialWatch;
pub use seeds::{SeedRun, Stage};
pub use session::{Session, exit_status};
