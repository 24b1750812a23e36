//! Typed-shape [dfdx] networks and data utilities: all that two exercises share.

pub mod checkpoint;
pub mod data;
pub mod disk;
mod error;
mod fused;
#[doc(hidden)]
pub mod fuzzing;
pub mod metrics;
pub mod nets;
pub mod text;
pub mod train;

pub use error::{Error, Result};
pub use text::shown;
