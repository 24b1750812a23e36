//! What the exercises' binaries share: flags, output, progress, interruption, exit statuses.

mod args;
mod command_line;
mod completions;
mod console;
mod draw;
mod help;
mod interrupt;
mod loading;
mod logits;
mod predict;
mod progress;
mod report;
mod room;
mod search;
mod seeds;
mod session;
mod tensorboard;
mod threads;
mod tool;

pub use args::{Args, DataArgs, TrainingDefaults};
pub use command_line::run;
pub use console::Console;
pub use help::long_help;
pub use interrupt::Interrupt;
pub use logits::LogitsArgs;
pub use predict::PredictArgs;
pub use progress::FitProgress;
pub use room::PlannedSearch;
pub use search::TrialWatch;
pub use seeds::{SeedRun, Stage};
pub use session::Session;
pub use tool::{Exercise, NetworkArgs, Tool};
