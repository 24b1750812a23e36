//! Random numbers of an epoch, from the generator that is saved with the state of training.

use dfdx::prelude::*;
use rand::seq::SliceRandom;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws a random order of `rows` rows.
pub(super) fn shuffled(rows: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(rng);
    order
}

/// Makes the generator of the seeds that an epoch's images are distorted from. It has a separate stream, too.
pub(super) fn distortion_seeds(rng: &ChaCha8Rng) -> ChaCha8Rng {
    let mut stream = rng.clone();
    stream.set_stream(2);
    ChaCha8Rng::seed_from_u64(stream.next_u64())
}

/// Makes the device that draws an epoch's dropout. Its seed comes from a separate stream, so that the order of the rows
/// is the same without dropout.
pub(super) fn dropout_device(rng: &ChaCha8Rng) -> Cpu {
    let mut stream = rng.clone();
    stream.set_stream(1);
    Cpu::seed_from_u64(stream.next_u64())
}
