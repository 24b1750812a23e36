//! What caching is worth, out of the samples that criterion leaves.

mod comparison;
mod figure;
mod samples;
mod table;

pub use comparison::{Comparisons, Timed, images_of_exercise_9};

/// How many layers are frozen.
pub const FROZEN_LAYERS: [usize; 2] = [5, 4];
/// Images in a batch of an epoch that is timed.
pub const BATCH_SIZES: [usize; 4] = [10, 20, 100, 500];
/// Images in a batch of a fit that is timed.
pub const FIT_BATCH_SIZE: usize = 20;
/// Epochs of a fit that is timed.
pub const FIT_EPOCHS: [usize; 2] = [20, 100];
