//! The readers of files, for the fuzzers in `fuzz/` and the test of what they found. Each takes the contents of a file.
//!
//! Each returns the reader's error, and panics if something that was read cannot be used.

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::path::Path;

use crate::checkpoint::{frame, read_from, weights};
use crate::data::{Dataset, check_idx};
use crate::nets::{Architecture, Hidden, Linear, build};
use crate::train::{
    Checkpoint, Classification, Decay, Identity, Recipe, Settings, TrainingState, describe, train_epoch,
};
use crate::{Error, Result};

type Network = (Hidden<2, 2>, Linear<2, 2>);

/// Reads IDX data, plain or gzipped, as each of the four files of a data set.
///
/// # Errors
/// If it is none of them.
pub fn idx(bytes: &[u8]) -> Result<()> {
    let check = |form| check_idx(Cursor::new(bytes.to_vec()), path(), form);
    [0, 1, 2].into_iter().find_map(|form| check(form).ok()).map_or_else(|| check(3), Ok)
}

/// Inflates the bytes after the header of a gzip file.
///
/// # Errors
/// As [`idx`].
pub fn gzip(bytes: &[u8]) -> Result<()> {
    const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    idx(&[&HEAD, bytes].concat())
}

/// Reads a checkpoint.
///
/// # Errors
/// If it is not one of this network.
pub fn checkpoint(bytes: &[u8]) -> Result<()> {
    let network = build::<Network>(1);
    let checkpoint: Checkpoint = read_from(bytes, bytes.len() as u64, path(), &network.architecture())?;
    resume(network, checkpoint)
}

/// Reads a checkpoint with this payload and a valid header.
///
/// # Errors
/// If the payload does not decode, or is not of the fuzzers' fit.
pub fn checkpoint_payload(bytes: &[u8]) -> Result<()> {
    checkpoint(&frame(&build::<Network>(1).architecture(), bytes))
}

/// Returns a checkpoint that can be resumed from, after an epoch of training.
pub fn a_checkpoint() -> Result<Vec<u8>> {
    let (network, settings) = (build::<Network>(1), settings());
    let mut state = TrainingState::new(network.clone(), &settings);
    let points = points();
    train_epoch(&Classification::new(&points, &points), &settings.recipe, &mut state)?;
    let checkpoint = Checkpoint::of_state(&state.any(), &identity(&network, &settings));
    crate::checkpoint::to_bytes(&network.architecture(), &checkpoint).map_err(Error::io("write", path()))
}

/// Returns how many bytes come before a checkpoint's payload.
pub fn checkpoint_head_bytes() -> usize {
    frame(&build::<Network>(1).architecture(), &[]).len()
}

fn resume(network: Network, checkpoint: Checkpoint) -> Result<()> {
    let settings = settings();
    let mut state = TrainingState::new(network, &settings);
    let fit = identity(&state.network, &settings);
    checkpoint.restore(path(), &fit, &mut state.any())?;
    state.best_network();
    Ok(())
}

fn identity(network: &Network, settings: &Settings) -> Identity {
    let points = points();
    let data = describe::<Network, _>("points", &Classification::new(&points, &points));
    Identity::new(network, data, settings)
}

fn points() -> Dataset<2> {
    Dataset::from_pixels(vec![0, 255, 255, 0], vec![0, 1], 2)
}

/// Reads a network's weights from safetensors.
///
/// # Errors
/// If they are not this network's.
pub fn safetensors(bytes: &[u8]) -> Result<()> {
    weights::read_bytes(bytes, path(), &mut build::<Network>(1))
}

/// Returns the settings of the fuzzers' fit.
pub fn settings() -> Settings {
    Recipe {
        learning_rate: 0.01,
        batch_size: NonZeroUsize::MIN,
        ema_decay: Decay::new(0.9),
        epochs: NonZeroUsize::MIN.saturating_add(99),
        patience: NonZeroUsize::MIN,
        ..Recipe::DEEP_NET
    }
    .seeded(1)
}

/// Returns the path that errors name.
pub fn path() -> &'static Path {
    Path::new("some file")
}
