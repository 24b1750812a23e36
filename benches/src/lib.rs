#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used)] // A benchmark that cannot run has nothing else to say.

mod arithmetic;
mod caching;
mod peak;
mod setup;

pub use arithmetic::{ABOVE_FIRST, Images, Passes, Work, epoch, fit};
pub use caching::{BATCH_SIZES, Comparisons, FIT_BATCH_SIZE, FIT_EPOCHS, Timed, images_of_exercise_9};
pub use peak::{time_multiply_adds, time_reading};
pub use setup::{digits, print_dataset, settings, time_epoch};
