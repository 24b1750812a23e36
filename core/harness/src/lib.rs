//! What a program has around an exercise: its flags and its output, a report, a search, and tools for what it has trained.

pub mod cli;
mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod onnx;
pub mod picture;
pub mod program;
pub mod report;
pub mod search;
mod tensorboard;
pub mod tools;

pub use error::{Error, Result};
