//! A whole fit: epochs until validation stops improving.

use std::time::{Duration, Instant};

use super::saved::{Identity, describe};
use super::state::AnyState;
use super::timings::Timings;
use super::{Classification, History, Recipe, RunFolder, Settings, Task, TrainingState, train_epoch};
use crate::Result;
use crate::data::Dataset;
use crate::nets::{AnyNetwork, Classifier, Parameters};

/// Why a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Validation loss had not improved for as many epochs as the recipe's patience.
    EarlyStopping,
    /// The network was trained for as many epochs as the recipe allows.
    EpochLimit,
    /// The loss of this epoch was not finite.
    Diverged {
        /// The epoch's number, from 1.
        epoch: usize,
    },
    /// The observer asked to stop; the state is saved and the fit can be resumed.
    Interrupted,
}

/// The result of a fit.
#[derive(Debug, Clone)]
pub struct Fitted<M> {
    /// The network with the weights of its best epoch.
    pub network: M,
    /// The figures of all epochs.
    pub history: History,
    /// Why the fit ended.
    pub ending: Ending,
    /// How long each epoch's training took, without validation; empty if a resumed fit has lost its times.
    pub epoch_durations: Vec<Duration>,
    /// The time from the start of the fit to the end of each epoch, with validation and without saving; empty likewise.
    pub elapsed: Vec<Duration>,
}

impl<M> Fitted<M> {
    /// Makes another network of the one that was trained.
    pub fn map<N>(self, other: impl FnOnce(M) -> N) -> Fitted<N> {
        let Self { network, history, ending, epoch_durations, elapsed } = self;
        Fitted { network: other(network), history, ending, epoch_durations, elapsed }
    }

    /// Returns the number of the epoch whose weights were kept; 0 if none was finite.
    pub fn best_epoch(&self) -> usize {
        self.history.best().map_or(0, |(epoch, _)| epoch)
    }

    /// Returns how long training and validation took, without saving, if that is known.
    pub fn duration(&self) -> Option<Duration> {
        self.elapsed.last().copied()
    }

    /// Returns the median training time of an epoch, if the times are known.
    pub fn median_epoch(&self) -> Option<Duration> {
        median(&self.epoch_durations)
    }
}

fn median(durations: &[Duration]) -> Option<Duration> {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2),
    }
}

/// Watches a fit, and may end it.
pub trait Observer {
    /// Called after each epoch.
    fn epoch_ended(&mut self, history: &History);

    /// Called before the first epoch, which is 0, and after each that did not diverge, with the network as it is then.
    fn looks_at(&mut self, _epoch: usize, _network: &dyn AnyNetwork) {}

    /// Returns whether the fit should stop; called after each epoch.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// An observer that does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unattended;

impl Observer for Unattended {
    fn epoch_ended(&mut self, _: &History) {}
}

/// Trains a classifier as [`fit_task`] does.
///
/// # Errors
/// Those of [`fit_task`].
///
/// # Panics
/// If a dataset is empty or has another number of classes than the network.
pub fn fit<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    network: M,
    train: &Dataset<D>,
    validation: &Dataset<D>,
    settings: &Settings,
    folder: Option<&RunFolder>,
    observer: &mut dyn Observer,
) -> Result<Fitted<M>> {
    fit_task(network, &Classification::new(train, validation), settings, folder, observer)
}

/// Trains a network for a task until validation loss stops improving, and returns it with the best weights.
///
/// With a run folder, the fit saves its state as it goes, and resumes from a state that the folder holds: wherever a
/// fit was interrupted, it ends in the same bytes.
///
/// Denormal numbers are flushed to zero on the calling thread from here on: they slow Adam down on MNIST's empty
/// pixels.
///
/// # Errors
/// If a checkpoint cannot be written, the one to resume from is damaged or of another fit, or another fit of this process
/// trains in the folder.
pub fn fit_task<M: Parameters, T: Task<M>>(
    network: M,
    task: &T,
    settings: &Settings,
    folder: Option<&RunFolder>,
    observer: &mut dyn Observer,
) -> Result<Fitted<M>> {
    fit_part(network, |network| network, task, settings, folder, observer)
}

/// Trains a part of a network as [`fit_task`] does. `whole` completes the network, which is then returned and saved at
/// the end of the fit.
///
/// # Errors
/// Those of [`fit_task`].
pub fn fit_part<M: Parameters, W: Parameters, T: Task<M>>(
    part: M,
    whole: impl Fn(M) -> W,
    task: &T,
    settings: &Settings,
    folder: Option<&RunFolder>,
    observer: &mut dyn Observer,
) -> Result<Fitted<W>> {
    dfdx::flush_denormals_to_zero();
    let _alone = folder.map(RunFolder::enter).transpose()?;
    let mut fit = Typed { task, recipe: &settings.recipe, state: TrainingState::new(part, settings) };
    let saving = folder.map(|folder| {
        let data = describe(folder.dataset(), task);
        Saving { folder, fit: Identity::new(&fit.state.network, data, settings) }
    });
    let mut timings = Timings::default();
    if let Some(Saving { folder, fit: identity }) = &saving {
        timings = folder.restore(identity, &mut fit.state.any())?;
    }
    let ending = train_to_the_end(&mut fit, &settings.recipe, saving.as_ref(), &mut timings, observer)?;
    let network = whole(fit.state.best_network());
    if let Some(Saving { folder, fit: identity }) = &saving
        && matches!(ending, Ending::EarlyStopping | Ending::EpochLimit)
    {
        folder.save_end(identity, &fit.state.any(), &timings, &network)?;
    }
    Ok(Fitted {
        network,
        history: fit.state.history,
        ending,
        epoch_durations: timings.of_training(),
        elapsed: timings.elapsed(),
    })
}

/// Where a fit is saved, and which fit it is.
struct Saving<'a> {
    folder: &'a RunFolder,
    fit: Identity,
}

/// A fit of any network and task: the code that ends and saves it is compiled once.
trait AnyFit {
    /// Trains for an epoch, and returns how long that took, without the evaluation.
    fn epoch(&mut self) -> Result<Duration>;

    fn state(&mut self) -> AnyState<'_>;
}

struct Typed<'a, M, T> {
    task: &'a T,
    recipe: &'a Recipe,
    state: TrainingState<M>,
}

impl<M: Parameters, T: Task<M>> AnyFit for Typed<'_, M, T> {
    fn epoch(&mut self) -> Result<Duration> {
        Ok(train_epoch(self.task, self.recipe, &mut self.state)?)
    }

    fn state(&mut self) -> AnyState<'_> {
        self.state.any()
    }
}

/// Trains and saves epoch by epoch until the recipe or the observer ends the fit.
fn train_to_the_end(
    fit: &mut dyn AnyFit,
    recipe: &Recipe,
    saving: Option<&Saving<'_>>,
    timings: &mut Timings,
    observer: &mut dyn Observer,
) -> Result<Ending> {
    let state = fit.state();
    if state.history.is_empty() {
        observer.looks_at(0, state.network);
    }
    loop {
        if let Some(ending) = ending(fit.state().history, recipe) {
            return Ok(ending);
        }
        let started = Instant::now();
        let training = fit.epoch()?;
        timings.push(training, started.elapsed());
        let state = fit.state();
        observer.epoch_ended(state.history);
        if diverged(state.history) {
            continue;
        }
        observer.looks_at(state.history.len(), state.network);
        let stop = observer.wants_to_stop();
        if let Some(Saving { folder, fit }) = saving {
            folder.epoch_ended(fit, &state, timings, stop)?;
        }
        if stop {
            return Ok(Ending::Interrupted);
        }
    }
}

/// Returns why a fit ends after these epochs, if it does.
fn ending(history: &History, recipe: &Recipe) -> Option<Ending> {
    if diverged(history) {
        Some(Ending::Diverged { epoch: history.len() })
    } else if history.epochs_since_best() >= recipe.patience.get() {
        Some(Ending::EarlyStopping)
    } else if history.len() >= recipe.epochs.get() {
        Some(Ending::EpochLimit)
    } else {
        None
    }
}

fn diverged(history: &History) -> bool {
    history.last().is_some_and(|epoch| !epoch.validation_loss.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        let seconds = |values: &[u64]| values.iter().copied().map(Duration::from_secs).collect::<Vec<_>>();
        assert_eq!(median(&seconds(&[9, 1, 5])), Some(Duration::from_secs(5)));
        assert_eq!(median(&seconds(&[4, 2, 9, 1])), Some(Duration::from_secs(3)));
        assert_eq!(median(&[]), None);
    }
}
