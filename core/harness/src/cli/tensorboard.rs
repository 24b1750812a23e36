//! `--tensorboard`: a fit's curves in its folder, and the candidates of a search in the search's.

use std::path::Path;

use anyhow::Context;

use crate::search::Ranking;
use crate::tensorboard::{FILE, candidates, events, read_spreads};
use ch11_core::disk::{self, make_folder, persist};
use ch11_core::metrics::SpreadsByEpoch;
use ch11_core::nets::Parameters;
use ch11_core::train::Fitted;

/// No earlier file is read that is longer than this.
const LONGEST_BYTES: u64 = 256 << 20;

const UNWRITABLE: &str = "cannot write for TensorBoard; make the folder writable, then go on with --resume";

/// Tells whether an earlier part of the fit wrote its curves in the folder.
pub(super) fn is_there(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Writes the curves and the spreads of a fit in its folder, in the place of what an earlier part of the fit wrote, whose
/// spreads are kept. Returns all spreads.
pub(super) fn save<M: Parameters>(
    folder: &Path,
    fitted: &Fitted<M>,
    spreads: SpreadsByEpoch,
) -> anyhow::Result<SpreadsByEpoch> {
    let path = folder.join(FILE);
    // A pipe in its place would be waited for.
    let earlier = path.is_file().then(|| disk::read(&path, LONGEST_BYTES).ok()).flatten();
    let mut all = earlier.map(|file| read_spreads(&file)).unwrap_or_default();
    all.extend(spreads);
    all.retain(|&epoch, _| epoch <= fitted.history.len());
    let events = events(fitted, &all).context("cannot draw the weights for TensorBoard; leave --tensorboard out")?;
    persist(&path, &events).context(UNWRITABLE)?;
    Ok(all)
}

/// Writes the candidates of a search, each as a run with its hyper-parameters and scores.
pub(super) fn save_candidates(folder: &Path, ranking: &Ranking) -> anyhow::Result<()> {
    for (name, events) in candidates(ranking) {
        let path = folder.join("candidates").join(name);
        path.parent().map_or(Ok(()), make_folder).and_then(|()| persist(&path, &events)).context(UNWRITABLE)?;
    }
    Ok(())
}
