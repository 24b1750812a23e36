//! Typed-shape [dfdx] networks and data utilities: all that two exercises share.

pub mod data;
mod error;

pub use error::{Error, Result};
