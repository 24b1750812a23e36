//! Typed-shape [dfdx] networks and data utilities: all that two exercises share.

pub mod checkpoint;
pub mod cli;
pub mod data;
mod disk;
mod error;
mod fused;
#[doc(hidden)]
pub mod fuzzing;
pub mod metrics;
pub mod nets;
pub mod report;
pub mod search;
mod shown;
mod tensorboard;
pub mod train;

pub use error::{Error, Result};
pub use shown::shown;
