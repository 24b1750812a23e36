//! The folder that a fit saves itself in as it goes.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use super::saved::{Checkpoint, Identity};
use super::state::AnyState;
use super::timings::Timings;
use crate::checkpoint::{self, weights};
use crate::disk::{self, LockedFolder, MovedAside, make_folder};
use crate::nets::{AnyNetwork, export_tensors};
use crate::{Error, Result};

const LAST: &str = "last.ckpt";
const BEST: &str = "best.ckpt";
/// The name of the checkpoint that a fit ends with, in its folder.
pub const FINAL: &str = "final.ckpt";
const FINAL_WEIGHTS: &str = "final.safetensors";
const SECONDS: &str = "seconds.json";

/// Returns the folder of a fit's run with one seed, inside the folder `fit`.
pub fn seed_folder(fit: &Path, seed: u64) -> PathBuf {
    fit.join(format!("seed-{seed}"))
}

/// A folder that holds one fit:
///
/// - `last.ckpt`: all that resuming needs, saved after the first epoch, every few epochs and at the end;
/// - `best.ckpt`: the weights with the lowest validation loss so far;
/// - `final.ckpt`, `final.safetensors`: the same weights once the fit has ended, together with those of the frozen
///   layers below them;
/// - `seconds.json`: how long it took so far. Times are kept apart, so that equal fits give equal checkpoints.
///
/// As long as the folder is open, it is locked, so that no two processes train in it. It cannot be cloned, and a fit that
/// finds another one of the same process in it is an error.
#[derive(Debug)]
pub struct RunFolder {
    held: HeldFolder,
    checkpoint_every: usize,
    dataset: String,
    /// Locked while a fit trains in the folder.
    fit: Mutex<()>,
}

/// The right to train in a folder, which only one process can hold at a time.
#[derive(Debug)]
pub struct HeldFolder(LockedFolder);

/// What a [`RunFolder`] held when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Nothing: the fit starts afresh.
    Empty,
    /// A state to resume from.
    Resuming,
    /// Another fit, or one without a state to resume from; it was moved to this folder.
    SetAside(PathBuf),
}

impl HeldFolder {
    /// Takes hold of the folder `path`, which need not exist yet.
    ///
    /// # Errors
    /// If the folder around it cannot be made, or another process trains there.
    pub fn take(path: &Path) -> Result<Self> {
        LockedFolder::exclusive(path).map(Self)
    }

    /// Moves the folder aside if it holds anything, unless `resume` is set and there is a state to resume from. Returns
    /// its new path.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub fn make_room(&self, resume: bool, moved: &mut MovedAside) -> Result<Option<PathBuf>> {
        // Times are worth nothing without a fit.
        self.0.make_room(resume && self.has_state(), &[SECONDS], moved)
    }

    /// Opens the folder as [`RunFolder::open`] does.
    ///
    /// # Errors
    /// Those of [`RunFolder::open`].
    pub fn open(self, dataset: &str, checkpoint_every: usize, resume: bool) -> Result<(RunFolder, Opened)> {
        let mut moved = MovedAside::default();
        let opened = match self.make_room(resume, &mut moved)? {
            Some(previous) => Opened::SetAside(previous),
            None if self.has_state() => Opened::Resuming,
            None => Opened::Empty,
        };
        let path = self.0.path();
        make_folder(path)?;
        disk::must_be_writable(path)?;
        // No other process writes here.
        disk::clear_leftovers(path, Duration::ZERO);
        moved.keep();
        Ok((RunFolder { held: self, checkpoint_every, dataset: dataset.to_owned(), fit: Mutex::new(()) }, opened))
    }

    fn has_state(&self) -> bool {
        self.0.path().join(LAST).exists()
    }
}

impl RunFolder {
    /// Opens a folder for a fit on data named `dataset`, which is saved every `checkpoint_every` epochs. Creates the
    /// folder if needed.
    ///
    /// An earlier fit in the folder is moved aside: to the same name with `.previous-1` appended, or the next free
    /// number. With `resume`, it stays if there is a state to resume from.
    ///
    /// # Errors
    /// If the folder cannot be created, moved or written, or another process trains in it.
    pub fn open(path: &Path, dataset: &str, checkpoint_every: usize, resume: bool) -> Result<(Self, Opened)> {
        HeldFolder::take(path)?.open(dataset, checkpoint_every, resume)
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.held.0.path()
    }

    /// Returns the path of the state to resume from.
    pub fn last(&self) -> PathBuf {
        self.file(LAST)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Keeps other fits of this process out until the guard is dropped.
    ///
    /// # Errors
    /// If there is one already.
    pub(super) fn enter(&self) -> Result<MutexGuard<'_, ()>> {
        match self.fit.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Error::FolderUsedTwice { path: self.path().to_owned() }),
        }
    }

    /// Returns the name of the training data.
    pub(super) fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Reads the saved state, if there is one, into `state`, the initial one, and returns how long the fit took so far.
    pub(super) fn restore(&self, fit: &Identity, state: &mut AnyState<'_>) -> Result<Timings> {
        let path = self.last();
        if !path.exists() {
            return Ok(Timings::default());
        }
        let saved: Checkpoint = checkpoint::read(&path, &state.network.architecture())?;
        saved.restore(&path, fit, state)?;
        // The resumed fit will replace them.
        let replaced = [BEST, FINAL].map(|name| self.file(name));
        replaced.iter().filter(|path| path.exists()).try_for_each(|path| Checkpoint::must_be_of(path, fit))?;
        Ok(Timings::read(&self.file(SECONDS), state.history.len()))
    }

    /// Saves the best weights if the last epoch was the best, and the whole state if it is due or the fit stops here.
    /// In the first epoch, the state comes first: without a state, weights could not be told from those of another fit.
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

    /// Saves the whole state and the result of the fit: `whole`, the network with the best weights.
    pub(super) fn save_end(
        &self,
        fit: &Identity,
        state: &AnyState<'_>,
        timings: &Timings,
        whole: &dyn AnyNetwork,
    ) -> Result<()> {
        self.save_state(fit, state, timings)?;
        if !self.file(BEST).exists() {
            self.save_best(fit, state)?;
        }
        weights::write(&self.file(FINAL_WEIGHTS), whole)?;
        // Last of all: its presence says that the fit has ended.
        let checkpoint = Checkpoint::of_weights(export_tensors(whole), state.history.clone(), fit);
        checkpoint::write(&self.file(FINAL), &whole.architecture(), &checkpoint)
    }

    fn save_best(&self, fit: &Identity, state: &AnyState<'_>) -> Result<()> {
        let Some(best) = &state.best else { return Ok(()) };
        let checkpoint = Checkpoint::of_weights(best.tensors.clone(), state.history.first(best.epoch), fit);
        checkpoint::write(&self.file(BEST), &state.network.architecture(), &checkpoint)
    }

    fn save_state(&self, fit: &Identity, state: &AnyState<'_>, timings: &Timings) -> Result<()> {
        timings.write(&self.file(SECONDS))?;
        checkpoint::write(&self.last(), &state.network.architecture(), &Checkpoint::of_state(state, fit))
    }
}
