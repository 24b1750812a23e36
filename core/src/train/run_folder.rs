//! Where a fit saves itself as it goes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Adam, Best, History, Settings, TrainingState};
use crate::checkpoint::{self, weights};
use crate::nets::{Architecture, NamedTensor, Parameters, export_tensors, import_tensors};
use crate::{Error, Result};

/// A folder that holds one fit:
///
/// - `last.ckpt`: all that going on needs, every few epochs and at the end;
/// - `best.ckpt`: the weights of lowest validation loss so far;
/// - `final.ckpt`, `final.safetensors`: the same weights once the fit has ended;
/// - `seconds.json`: how long it took so far. Times are kept apart, so that equal fits give equal checkpoints.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    checkpoint_every: usize,
    dataset: String,
}

/// What a [`RunFolder`] held when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Nothing: the fit starts afresh.
    Empty,
    /// A state to go on from.
    Resuming,
    /// Another fit, which was moved to this folder.
    SetAside(PathBuf),
}

/// The contents of a checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint {
    /// What the network was trained on.
    pub dataset: String,
    /// How it was trained.
    pub settings: Settings,
    /// The epochs so far.
    pub history: History,
    /// The network's tensors: those after the last epoch in `last.ckpt`, those of the best one elsewhere.
    pub tensors: Vec<NamedTensor>,
    /// What going on needs besides; only in `last.ckpt`.
    pub progress: Option<Progress>,
}

/// What going on with a fit needs besides its weights and its history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    average: Option<Vec<NamedTensor>>,
    adam: Adam,
    rng: ChaCha8Rng,
    best: Option<Best>,
}

/// How long a fit took so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Seconds {
    pub(super) total: Duration,
    pub(super) epochs: Vec<Duration>,
}

impl RunFolder {
    /// Opens a folder for a fit on `dataset`, makes it if it is not there, and saves every `checkpoint_every` epochs.
    ///
    /// Without `resume`, a fit that the folder holds is moved aside, to the same name with `.previous` at its end, in the
    /// place of the one moved there before.
    ///
    /// # Errors
    /// If the folder cannot be made, moved or written.
    pub fn open(path: &Path, dataset: &str, checkpoint_every: usize, resume: bool) -> Result<(Self, Opened)> {
        let folder = Self {
            path: path.to_owned(),
            checkpoint_every,
            dataset: dataset.to_owned(),
        };
        let opened = match folder.last().exists() {
            true if resume => Opened::Resuming,
            true => Opened::SetAside(set_aside(path)?),
            false => Opened::Empty,
        };
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
        Ok((folder, opened))
    }

    /// Returns the path of the state to go on from.
    pub fn last(&self) -> PathBuf {
        self.path.join("last.ckpt")
    }

    /// Returns the path of the best weights so far.
    pub fn best(&self) -> PathBuf {
        self.path.join("best.ckpt")
    }

    /// Returns the path of the weights that the fit ended with.
    pub fn finished(&self) -> PathBuf {
        self.path.join("final.ckpt")
    }

    /// Puts the saved state, if there is one, in the place of `state`.
    pub(super) fn restore<M: Parameters + Architecture>(
        &self,
        state: &mut TrainingState<M>,
        settings: &Settings,
    ) -> Result<Seconds> {
        let path = self.last();
        if !path.exists() {
            return Ok(Seconds::default());
        }
        let saved: Checkpoint = checkpoint::read(&path, &M::architecture())?;
        saved.must_match(&path, &self.dataset, settings)?;
        let unfit = |found: String| Error::Checkpoint {
            path: path.clone(),
            found,
            expected: "a state to go on from".to_owned(),
        };
        let Progress {
            average,
            adam,
            rng,
            best,
        } = saved
            .progress
            .ok_or_else(|| unfit("weights without a state".to_owned()))?;
        let load = |tensors: &[NamedTensor]| {
            let mut network = state.network.clone();
            import_tensors(&mut network, tensors).map_err(unfit).map(|()| network)
        };
        let network = load(&saved.tensors)?;
        let average = average.map(|tensors| load(&tensors)).transpose()?;
        if let Some(best) = &best {
            load(&best.tensors)?;
        }
        if !adam.fits(&network) {
            return Err(unfit("an optimizer of another network".to_owned()));
        }
        *state = TrainingState {
            network,
            average,
            adam,
            rng,
            history: saved.history,
            best,
        };
        Ok(self.read_seconds(state.history.len()))
    }

    /// Saves the best weights if the last epoch was the best, and the whole state if its turn has come or the fit stops here.
    pub(super) fn epoch_ended<M: Parameters + Architecture>(
        &self,
        state: &TrainingState<M>,
        stops: bool,
        settings: &Settings,
        seconds: &Seconds,
    ) -> Result<()> {
        if state.history.epochs_since_best() == 0 {
            self.save_best(&self.best(), state, settings)?;
        }
        if stops || state.history.len().is_multiple_of(self.checkpoint_every) {
            self.save_state(state, settings, seconds)?;
        }
        Ok(())
    }

    /// Saves all that going on needs.
    fn save_state<M: Parameters + Architecture>(
        &self,
        state: &TrainingState<M>,
        settings: &Settings,
        seconds: &Seconds,
    ) -> Result<()> {
        self.write_seconds(seconds)?;
        let average = state.average.as_ref().map(export_tensors);
        let progress = Progress {
            average,
            adam: state.adam.clone(),
            rng: state.rng.clone(),
            best: state.best.clone(),
        };
        let tensors = export_tensors(&state.network);
        self.write::<M>(&self.last(), state, settings, tensors, Some(progress))
    }

    /// Saves the whole state and, as what the fit ended with, its best weights, which `network` holds.
    pub(super) fn save_end<M: Parameters + Architecture>(
        &self,
        state: &TrainingState<M>,
        network: &M,
        settings: &Settings,
        seconds: &Seconds,
    ) -> Result<()> {
        self.save_state(state, settings, seconds)?;
        self.save_best(&self.finished(), state, settings)?;
        weights::write(&self.path.join("final.safetensors"), network)
    }

    fn save_best<M: Parameters + Architecture>(
        &self,
        path: &Path,
        state: &TrainingState<M>,
        settings: &Settings,
    ) -> Result<()> {
        match &state.best {
            Some(best) => self.write::<M>(path, state, settings, best.tensors.clone(), None),
            None => Ok(()),
        }
    }

    fn write<M: Architecture>(
        &self,
        path: &Path,
        state: &TrainingState<M>,
        settings: &Settings,
        tensors: Vec<NamedTensor>,
        progress: Option<Progress>,
    ) -> Result<()> {
        let dataset = self.dataset.clone();
        let contents = Checkpoint {
            dataset,
            settings: *settings,
            history: state.history.clone(),
            tensors,
            progress,
        };
        checkpoint::write(path, &M::architecture(), &contents)
    }
}

impl RunFolder {
    fn seconds(&self) -> PathBuf {
        self.path.join("seconds.json")
    }

    fn write_seconds(&self, seconds: &Seconds) -> Result<()> {
        let json = serde_json::to_vec(seconds).map_err(|error| Error::io("write", self.seconds())(error.into()))?;
        checkpoint::persist(&self.seconds(), &json)
    }

    /// Reads how long the first `epochs` epochs took. Times are worth no error: what is not there counts as nothing.
    fn read_seconds(&self, epochs: usize) -> Seconds {
        let json = fs::read(self.seconds()).unwrap_or_default();
        let mut seconds: Seconds = serde_json::from_slice(&json).unwrap_or_default();
        seconds.epochs.truncate(epochs);
        seconds
    }
}

impl Checkpoint {
    /// Reads the weights of a checkpoint into a network.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is of another network.
    pub fn load<M: Parameters + Architecture>(path: &Path, network: &mut M) -> Result<Self> {
        let checkpoint: Self = checkpoint::read(path, &M::architecture())?;
        import_tensors(network, &checkpoint.tensors).map_err(|found| Error::Checkpoint {
            path: path.to_owned(),
            found,
            expected: "the network's own tensors".to_owned(),
        })?;
        Ok(checkpoint)
    }

    /// A fit may be allowed more epochs or more patience than it was begun with; anything else would make it another fit.
    fn must_match(&self, path: &Path, dataset: &str, settings: &Settings) -> Result<()> {
        let begun = &self.settings;
        let pairs = [
            ("the dataset", self.dataset.clone(), dataset.to_owned()),
            ("--seed", begun.seed.to_string(), settings.seed.to_string()),
            (
                "--batch-size",
                begun.batch_size.to_string(),
                settings.batch_size.to_string(),
            ),
            (
                "--learning-rate",
                begun.learning_rate.to_string(),
                settings.learning_rate.to_string(),
            ),
            ("--averaging", averaging(begun), averaging(settings)),
        ];
        match pairs.into_iter().find(|(_, found, expected)| found != expected) {
            Some((what, found, expected)) => Err(Error::OtherRun {
                path: path.to_owned(),
                what,
                found,
                expected,
            }),
            None => Ok(()),
        }
    }
}

fn averaging(settings: &Settings) -> String {
    settings.averaging.unwrap_or(0.0).to_string()
}

/// Moves a folder to the same name with `.previous` at its end.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let mut previous = path.as_os_str().to_owned();
    previous.push(".previous");
    let previous = PathBuf::from(previous);
    if previous.exists() {
        fs::remove_dir_all(&previous).map_err(Error::io("remove", &previous))?;
    }
    fs::rename(path, &previous).map_err(Error::io("rename", path))?;
    Ok(previous)
}
