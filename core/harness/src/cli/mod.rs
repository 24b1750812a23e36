//! What the exercises' binaries share: flags, output, progress, interruption, exit statuses.

mod args;
mod command_line;
mod console;
mod data_args;
mod divergence;
mod exercise;
mod finish;
mod fit_folders;
mod fits;
mod held;
pub(crate) mod help;
mod interrupt;
mod loading;
mod progress;
mod room;
mod search;
mod seed_run;
mod session;
mod spreads;
mod tensorboard;
pub(crate) mod threads;

pub use args::{Args, augments_part, named, tried_by};
pub use command_line::run;
pub use console::Console;
pub(crate) use console::unless_unread;
pub use data_args::DataArgs;
pub use exercise::Exercise;
pub use fit_folders::FitFolders;
pub use fits::{DEFAULT_QUICK_EPOCHS, Fits};
pub use help::long_help;
pub use interrupt::Interrupt;
pub use progress::FitProgress;
pub use room::PlannedSearch;
pub use search::TrialWatch;
pub use seed_run::{Copies, SeedRun};
pub use session::Session;
