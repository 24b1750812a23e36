//! What the exercises' binaries share: flags, output, progress, interruption, exit statuses.

mod args;
mod console;
mod interrupt;
mod loading;
mod progress;
mod session;

pub use args::{Args, DataArgs, TrainingDefaults};
pub use console::Console;
pub use interrupt::Interrupt;
pub use progress::FitProgress;
pub use session::{SeedRun, Session, exit_status, rows};
