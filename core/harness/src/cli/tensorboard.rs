//! `--tensorboard`: a fit's curves in its folder, and the candidates of a search in the search's.

use std::path::Path;

use anyhow::Context;

use crate::search::Ranking;
use crate::tensorboard::{FILE, candidates, events};
use ch11_core::disk::{make_folder, persist};
use ch11_core::nets::Parameters;
use ch11_core::train::Fitted;

const UNWRITABLE: &str = "cannot write for TensorBoard; make the folder writable, then go on with --resume";

/// Tells whether an earlier part of the fit wrote its curves in the folder.
pub(super) fn is_there(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Writes the curves of a fit in its folder, in the place of what an earlier part of the fit wrote.
pub(super) fn save<M: Parameters>(folder: &Path, fitted: &Fitted<M>) -> anyhow::Result<()> {
    let events = events(fitted).context("cannot draw the weights for TensorBoard; leave --tensorboard out")?;
    persist(&folder.join(FILE), &events).context(UNWRITABLE)
}

/// Writes the candidates of a search, each as a run with its hyper-parameters and scores.
pub(super) fn save_candidates(folder: &Path, ranking: &Ranking) -> anyhow::Result<()> {
    for (name, events) in candidates(ranking) {
        let path = folder.join("candidates").join(name);
        path.parent().map_or(Ok(()), make_folder).and_then(|()| persist(&path, &events)).context(UNWRITABLE)?;
    }
    Ok(())
}
