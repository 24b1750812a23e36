#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used)] // A benchmark that cannot run has nothing else to say.

mod arithmetic;
mod setup;

pub use arithmetic::{Work, epoch, fit};
pub use setup::{digits, print_dataset, settings, time_epoch};
