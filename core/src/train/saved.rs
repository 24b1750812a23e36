//! The contents of a fit's checkpoints.

use std::num::NonZeroUsize;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::state::AnyState;
use super::{Best, History, Optimizer, Recipe, Settings, Task};
use crate::checkpoint;
use crate::nets::{
    AnyNetwork, NamedTensor, Structure, check_finite, check_same, copy_out, export_tensors, import_tensors,
};
use crate::{Error, Result};

/// The contents of a checkpoint of a fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Which fit it is.
    pub fit: Identity,
    /// The epochs so far.
    pub history: History,
    /// The network's tensors: in `last.ckpt` those after the last epoch, elsewhere those after the best one.
    pub tensors: Vec<NamedTensor>,
    /// What else resuming needs; only in `last.ckpt`.
    pub resume: Option<ResumeState>,
}

/// What identifies a fit, besides its network's architecture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The training and validation data, with the beginning of their SHA-256.
    pub dataset: String,
    /// The beginning of the SHA-256 of the initial weights.
    pub initial_weights: String,
    /// How it is trained.
    pub settings: Settings,
}

/// What resuming a fit needs besides its weights and its history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResumeState {
    average: Option<Vec<NamedTensor>>,
    optimizer: Optimizer,
    rng: ChaCha8Rng,
    best: Option<Best>,
}

impl Identity {
    /// Identifies a fit of `network`; `dataset` comes from [`describe`].
    pub(crate) fn new(network: &dyn AnyNetwork, dataset: String, settings: &Settings) -> Self {
        let weights: Vec<u8> = copy_out(network).into_iter().flat_map(f32::to_le_bytes).collect();
        Self { dataset, initial_weights: beginning(&Sha256::digest(weights)), settings: *settings }
    }

    /// Checks that a saved fit with this history can be resumed as this one. The limits on epochs and patience may
    /// differ, unless the fit has already passed them; anything else would make it another fit.
    fn must_continue(&self, saved: &Self, history: &History, path: &Path) -> Result<()> {
        let (begun, asked) = (&saved.settings.recipe, &self.settings.recipe);
        let averaging = |recipe: &Recipe| recipe.ema_decay.map_or(0.0, f32::from).to_string();
        let went_on = |begun: NonZeroUsize| format!("{begun}, and trained for {} epochs", history.len());
        let same = [
            ("the data", saved.dataset.clone(), self.dataset.clone()),
            ("the initial weights", saved.initial_weights.clone(), self.initial_weights.clone()),
            ("--seed", saved.settings.seed.to_string(), self.settings.seed.to_string()),
            ("--batch-size", begun.batch_size.to_string(), asked.batch_size.to_string()),
            ("--optimizer", begun.algorithm.to_string(), asked.algorithm.to_string()),
            ("--learning-rate", begun.learning_rate.to_string(), asked.learning_rate.to_string()),
            ("--decay", begun.schedule.to_string(), asked.schedule.to_string()),
            ("--l2", begun.l2.to_string(), asked.l2.to_string()),
            ("--averaging", averaging(begun), averaging(asked)),
        ];
        let differs = same.into_iter().find(|(_, found, expected)| found != expected);
        // A learning rate that falls until the last epoch falls differently if that epoch is another one.
        let falls_otherwise = (asked.schedule.knows_its_end() && begun.epochs != asked.epochs)
            .then(|| ("--epochs", begun.epochs.to_string(), asked.epochs.to_string()));
        let too_few_epochs =
            (history.len() > asked.epochs.get()).then(|| ("--epochs", went_on(begun.epochs), asked.epochs.to_string()));
        let too_little_patience = || {
            let stop = history.early_stop(asked.patience.get()).filter(|&epoch| epoch < history.len())?;
            let expected = format!("{}, which would have ended it after epoch {stop}", asked.patience);
            Some(("--patience", went_on(begun.patience), expected))
        };
        match differs.or(falls_otherwise).or(too_few_epochs).or_else(too_little_patience) {
            Some((what, found, expected)) => Err(Error::OtherRun { path: path.to_owned(), what, found, expected }),
            None => Ok(()),
        }
    }
}

impl Checkpoint {
    /// Reads the weights of a checkpoint into a network, which need not have the dropout that it was trained with.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, is of another network, or holds a number that is not finite.
    pub fn load(path: &Path, network: &mut dyn AnyNetwork) -> Result<Self> {
        let checkpoint: Self = checkpoint::read_for_inference(path, &network.architecture())?;
        check_finite(&checkpoint.tensors).map_err(|found| Error::checkpoint(path, found, "finite numbers"))?;
        import_tensors(network, &checkpoint.tensors)
            .map_err(|found| Error::checkpoint(path, found, "the network's own tensors"))?;
        Ok(checkpoint)
    }

    /// Reads a checkpoint of any network, with what the network computes.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or holds a number that is not finite or tensors of another network.
    pub fn read(path: &Path) -> Result<(Structure, Self)> {
        let (architecture, checkpoint): (_, Self) = checkpoint::read_any(path)?;
        let structure: Structure =
            architecture.parse().map_err(|found| Error::checkpoint(path, found, "the layers of a network"))?;
        check_finite(&checkpoint.tensors).map_err(|found| Error::checkpoint(path, found, "finite numbers"))?;
        let is_whole = |it: &NamedTensor| it.values.len() == it.shape.iter().product::<usize>();
        let found = &checkpoint.tensors;
        if !found.iter().map(|it| &it.shape).eq(&structure.shapes()) || !found.iter().all(is_whole) {
            return Err(Error::checkpoint(path, "tensors of another network", format!("those of {architecture}")));
        }
        Ok((structure, checkpoint))
    }

    /// Collects what resuming a fit needs.
    pub(crate) fn of_state(state: &AnyState<'_>, fit: &Identity) -> Self {
        let average = state.average.as_deref().map(export_tensors);
        let (optimizer, rng, best) = (state.optimizer.clone(), state.rng.clone(), state.best.clone());
        Self {
            fit: fit.clone(),
            history: state.history.clone(),
            tensors: export_tensors(state.network),
            resume: Some(ResumeState { average, optimizer, rng, best }),
        }
    }

    /// Collects weights, with the history up to them.
    pub(super) fn of_weights(tensors: Vec<NamedTensor>, history: History, fit: &Identity) -> Self {
        Self { fit: fit.clone(), history, tensors, resume: None }
    }

    /// Checks that the weights in a file are those of the fit `fit`.
    pub(super) fn must_be_of(path: &Path, fit: &Identity) -> Result<()> {
        let anew = "the weights of this fit, or no such file: last.ckpt beside it makes it anew";
        let (_, saved): (_, Self) = checkpoint::read_any(path).map_err(|error| match error {
            Error::Checkpoint { path, found, .. } => Error::checkpoint(&path, found, anew),
            other => other,
        })?;
        // Whether its limits still hold is checked with the state.
        let mut saved_fit = saved.fit;
        saved_fit.settings.recipe.epochs = fit.settings.recipe.epochs;
        fit.must_continue(&saved_fit, &History::default(), path)
    }

    /// Puts a checkpoint into `state`, if it is one of the fit `fit`; `path` is for errors.
    pub(crate) fn restore(self, path: &Path, fit: &Identity, state: &mut AnyState<'_>) -> Result<()> {
        let own = export_tensors(state.network);
        let (history, tensors, resume) = self.checked(path, fit, &own, state.average.is_some())?;
        let damaged = |found: String| damaged(path, &found);
        import_tensors(state.network, &tensors).map_err(damaged)?;
        if let (Some(average), Some(tensors)) = (&mut state.average, &resume.average) {
            import_tensors(*average, tensors).map_err(damaged)?;
        }
        (*state.history, *state.best) = (history, resume.best);
        (*state.optimizer, *state.rng) = (resume.optimizer, resume.rng);
        Ok(())
    }

    /// Takes a checkpoint apart, after checking that it is a state of the fit `fit`, of a network with tensors like
    /// `own`, and with an average if `averages`.
    fn checked(
        self,
        path: &Path,
        fit: &Identity,
        own: &[NamedTensor],
        averages: bool,
    ) -> Result<(History, Vec<NamedTensor>, ResumeState)> {
        let Self { fit: saved, history, tensors, resume } = self;
        fit.must_continue(&saved, &history, path)?;
        let resume = resume.ok_or_else(|| damaged(path, "weights without a state"))?;
        let ResumeState { average, optimizer, best, .. } = &resume;
        let sets = [Some(&tensors), average.as_ref(), best.as_ref().map(|best| &best.tensors)];
        for tensors in sets.into_iter().flatten() {
            check_same(own, tensors).map_err(|found| damaged(path, &found))?;
        }
        let trainable = own.iter().filter(|tensor| tensor.trainable).map(|tensor| tensor.values.len());
        if !optimizer.fits(trainable.sum(), fit.settings.recipe.algorithm) {
            return Err(damaged(path, "an optimizer of another network"));
        }
        if average.is_some() != averages
            || best.as_ref().map(|best| best.epoch) != history.best().map(|(epoch, _)| epoch)
        {
            return Err(damaged(path, "parts that do not belong together"));
        }
        Ok((history, tensors, resume))
    }
}

/// Describes the data of a task: its name, its sizes, and the beginning of its SHA-256.
pub fn describe<M, T: Task<M>>(name: &str, task: &T) -> String {
    format!("{name}: {} ({})", task.sizes(), beginning(&task.sha256()))
}

fn damaged(path: &Path, found: &str) -> Error {
    Error::checkpoint(path, found, "a state to resume from")
}

fn beginning(sha256: &[u8]) -> String {
    sha256.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
