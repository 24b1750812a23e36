//! Where a fit saves itself as it goes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::saved::{Checkpoint, Identity};
use super::state::AnyState;
use crate::checkpoint::{self, weights};
use crate::disk::{self, Lock, MovedAside, make_folder};
use crate::nets::AnyNetwork;
use crate::{Error, Result};

/// A longer `seconds.json` is not read: it takes some 40 bytes per epoch.
const MOST_SECONDS_BYTES: u64 = 64 << 20;

/// The name of the checkpoint that a fit ends with, in its folder.
pub const FINAL: &str = "final.ckpt";

/// Returns the folder of a fit from one seed, in that of the fit from any.
pub fn seed_folder(fit: &Path, seed: u64) -> PathBuf {
    fit.join(format!("seed-{seed}"))
}

/// No epoch takes thirty years.
const MOST_SECONDS: f64 = 1e9;

/// A folder that holds one fit:
///
/// - `last.ckpt`: all that resuming needs, after the first epoch, every few epochs and at the end;
/// - `best.ckpt`: the weights of lowest validation loss so far;
/// - `final.ckpt`, `final.safetensors`: the same weights once the fit has ended, with those of the layers that were frozen below them;
/// - `seconds.json`: how long it took so far. Times are kept apart, so that equal fits give equal checkpoints.
///
/// A file beside it, of the same name and `.lock`, is held as long as the folder is open, so that no two processes train here.
#[derive(Debug)]
pub struct RunFolder {
    held: HeldFolder,
    checkpoint_every: usize,
    dataset: String,
}

/// The right to train in a folder, which one process has at a time.
#[derive(Debug)]
pub struct HeldFolder {
    path: PathBuf,
    _lock: Lock,
}

/// What a [`RunFolder`] held when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Nothing: the fit starts afresh.
    Empty,
    /// A state to resume from.
    Resuming,
    /// Another fit, or one without a state to resume from, which was moved to this folder.
    SetAside(PathBuf),
}

/// How long the epochs of a fit took, in seconds, as far as that is known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Timings {
    /// Training alone.
    training: Vec<Option<f64>>,
    /// Training and validation.
    whole: Vec<Option<f64>>,
}

impl Timings {
    /// Makes it the times of so many epochs: those that are missing are the first ones', and a time that none can have is not known.
    fn of_epochs(mut self, epochs: usize) -> Self {
        for times in [&mut self.training, &mut self.whole] {
            times.truncate(epochs);
            times.iter_mut().for_each(|time| *time = time.filter(|seconds| (0.0..MOST_SECONDS).contains(seconds)));
            let missing = epochs - times.len();
            times.splice(0..0, std::iter::repeat_n(None, missing));
        }
        self
    }

    pub(super) fn push(&mut self, training: Duration, whole: Duration) {
        self.training.push(Some(training.as_secs_f64()));
        self.whole.push(Some(whole.as_secs_f64()));
    }

    /// Returns the time until the end of each epoch; nothing if an epoch's is not known.
    pub(super) fn elapsed(&self) -> Vec<Duration> {
        let so_far = |sum: &mut Duration, duration| {
            *sum += duration;
            Some(*sum)
        };
        all_known(&self.whole).into_iter().scan(Duration::ZERO, so_far).collect()
    }

    /// Returns the time of each epoch's training; nothing if one is not known.
    pub(super) fn of_training(&self) -> Vec<Duration> {
        all_known(&self.training)
    }
}

fn all_known(times: &[Option<f64>]) -> Vec<Duration> {
    let known: Option<Vec<Duration>> =
        times.iter().map(|seconds| Duration::try_from_secs_f64((*seconds)?).ok()).collect();
    known.unwrap_or_default()
}

impl HeldFolder {
    /// Takes hold of the folder `path`, which need not be there yet.
    pub fn take(path: &Path) -> Result<Self> {
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        Ok(Self { path: path.to_owned(), _lock: Lock::exclusive(path)? })
    }

    /// Moves aside what the folder holds, whatever it is, unless it has a state and `resume` goes on from that. Returns where it went.
    pub fn make_room(&self, resume: bool, moved: &mut MovedAside) -> Result<Option<PathBuf>> {
        let goes_on = resume && last(&self.path).exists();
        if goes_on || !disk::holds_files(&self.path) { Ok(None) } else { moved.folder(&self.path).map(Some) }
    }

    /// Opens it as [`RunFolder::open`] does.
    pub fn open(self, dataset: &str, checkpoint_every: usize, resume: bool) -> Result<(RunFolder, Opened)> {
        let mut moved = MovedAside::default();
        let opened = match self.make_room(resume, &mut moved)? {
            Some(previous) => Opened::SetAside(previous),
            None if last(&self.path).exists() => Opened::Resuming,
            None => Opened::Empty,
        };
        make_folder(&self.path)?;
        disk::must_be_writable(&self.path)?;
        // Nobody else writes here.
        disk::clear_leftovers(&self.path, Duration::ZERO);
        moved.keep();
        Ok((RunFolder { held: self, checkpoint_every, dataset: dataset.to_owned() }, opened))
    }
}

fn last(folder: &Path) -> PathBuf {
    folder.join("last.ckpt")
}

impl RunFolder {
    /// Opens a folder for a fit on data named `dataset`, makes it if it is not there, and saves every `checkpoint_every` epochs.
    ///
    /// What the folder holds is moved aside: to the same name with `.previous-1` at its end, or the next number that is free. With
    /// `resume`, a fit whose state is there stays, to be gone on with.
    ///
    /// # Errors
    /// If the folder cannot be made, moved or written, or another process trains in it.
    pub fn open(path: &Path, dataset: &str, checkpoint_every: usize, resume: bool) -> Result<(Self, Opened)> {
        HeldFolder::take(path)?.open(dataset, checkpoint_every, resume)
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.held.path
    }

    /// Returns the path of the state to resume from.
    pub fn last(&self) -> PathBuf {
        last(self.path())
    }

    /// Returns the path of the best weights so far.
    pub fn best(&self) -> PathBuf {
        self.path().join("best.ckpt")
    }

    /// Returns the path of the weights that the fit ended with.
    pub fn final_checkpoint(&self) -> PathBuf {
        self.path().join(FINAL)
    }

    fn seconds(&self) -> PathBuf {
        self.path().join(disk::TIMES)
    }

    /// Returns the name of the data that is trained on.
    pub(super) fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Reads the saved state, if there is one, into the one that the fit begins with, and returns how long it took so far.
    pub(super) fn restore(&self, fit: &Identity, state: &mut AnyState<'_>) -> Result<Timings> {
        let path = self.last();
        if !path.exists() {
            return Ok(Timings::default());
        }
        Checkpoint::resume(&path, fit, state)?;
        // Going on will replace them.
        let replaced = [self.best(), self.final_checkpoint()];
        replaced.iter().filter(|path| path.exists()).try_for_each(|path| Checkpoint::must_be_of(path, fit))?;
        // Times are worth no error: what is not there is not known.
        let json = disk::read(&self.seconds(), MOST_SECONDS_BYTES).unwrap_or_default();
        let timings: Timings = serde_json::from_slice(&json).unwrap_or_default();
        Ok(timings.of_epochs(state.history.len()))
    }

    /// Saves the best weights if the last epoch was the best, and the whole state if its turn has come or the fit stops here. The state comes
    /// first in the first epoch: weights without one could not be told from those of another fit.
    pub(super) fn epoch_ended(
        &self,
        fit: &Identity,
        state: &AnyState<'_>,
        timings: &Timings,
        stops: bool,
    ) -> Result<()> {
        let is_first = !self.last().exists();
        if is_first {
            self.save_state(fit, state, timings)?;
        }
        if state.history.epochs_since_best() == 0 {
            self.save_best(fit, state)?;
        }
        if !is_first && (stops || state.history.len().is_multiple_of(self.checkpoint_every)) {
            self.save_state(fit, state, timings)?;
        }
        Ok(())
    }

    /// Saves the whole state and, as what the fit leaves, `whole`, the network with the best weights.
    pub(super) fn save_end(
        &self,
        fit: &Identity,
        state: &AnyState<'_>,
        timings: &Timings,
        whole: &dyn AnyNetwork,
    ) -> Result<()> {
        self.save_state(fit, state, timings)?;
        if !self.best().exists() {
            self.save_best(fit, state)?;
        }
        weights::write(&self.path().join("final.safetensors"), whole)?;
        // The last of all: whoever builds on this fit looks for it.
        let checkpoint = Checkpoint::of_network(whole, state.history, fit);
        checkpoint::write(&self.final_checkpoint(), &whole.architecture(), &checkpoint)
    }

    fn save_best(&self, fit: &Identity, state: &AnyState<'_>) -> Result<()> {
        let Some(best) = &state.best else { return Ok(()) };
        let checkpoint = Checkpoint::of_best(best, state.history, fit);
        checkpoint::write(&self.best(), &state.network.architecture(), &checkpoint)
    }

    fn save_state(&self, fit: &Identity, state: &AnyState<'_>, timings: &Timings) -> Result<()> {
        let json = serde_json::to_vec(timings).map_err(|error| Error::io("write", self.seconds())(error.into()))?;
        disk::persist(&self.seconds(), &json)?;
        checkpoint::write(&self.last(), &state.network.architecture(), &Checkpoint::of_state(state, fit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(whole: &str, epochs: usize) -> Vec<Duration> {
        let json = format!(r#"{{"training":[],"whole":{whole}}}"#);
        serde_json::from_str::<Timings>(&json).unwrap().of_epochs(epochs).elapsed()
    }

    #[test]
    fn times_that_are_missing_or_that_none_can_have_are_not_known() {
        assert_eq!(read("[1, 2, 0.5]", 3), [1.0, 3.0, 3.5].map(Duration::from_secs_f64));
        for unknown in ["[1, 2]", "[1, null, 2]", "[1, -1, 2]", "[1e19, 1e19, 1]", "[1, 1e308, 1]"] {
            assert_eq!(read(unknown, 3), [], "{unknown}");
        }
    }
}
