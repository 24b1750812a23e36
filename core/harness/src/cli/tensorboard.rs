//! `--tensorboard`: a fit's curves in its folder.

use std::path::Path;

use anyhow::Context;

use crate::tensorboard::{FILE, events};
use ch11_core::nets::Parameters;
use ch11_core::train::Fitted;

/// Tells whether an earlier part of the fit wrote its curves in the folder.
pub(super) fn is_there(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Writes the curves of a fit in its folder, in the place of what an earlier part of the fit wrote.
pub(super) fn save<M: Parameters>(folder: &Path, fitted: &Fitted<M>) -> anyhow::Result<()> {
    let events = events(fitted).context("cannot draw the weights for TensorBoard; leave --tensorboard out")?;
    ch11_core::disk::persist(&folder.join(FILE), &events)
        .context("cannot write for TensorBoard; make the folder writable, then go on with --resume")
}
