//! A whole fit: epochs until validation stops improving.

use std::time::{Duration, Instant};

use super::run_folder::Timings;
use super::saved::Identity;
use super::{Classification, History, RunFolder, Settings, Task, Trainer, TrainingState};
use crate::Result;
use crate::data::Dataset;
use crate::nets::{Architecture, Classifier, Parameters};

/// Why a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Validation loss had not improved for as many epochs as the patience allows.
    EarlyStopping,
    /// All epochs that were allowed are trained.
    EpochLimit,
    /// The loss of this epoch was no longer finite.
    Diverged {
        /// The epoch's number, from 1.
        epoch: usize,
    },
    /// The observer asked to stop; the state is saved and the fit can be resumed.
    Interrupted,
}

/// What a fit made.
#[derive(Debug, Clone)]
pub struct Fitted<M> {
    /// The network with the weights of its best epoch.
    pub network: M,
    /// All epochs.
    pub history: History,
    /// Why it ended.
    pub ending: Ending,
    /// How long training and validation took, as far as that is known; saving is not counted.
    pub duration: Duration,
    /// How long each epoch's training took of which that is known, validation not counted.
    pub epoch_durations: Vec<Duration>,
    /// How long the fit had taken when each epoch had ended, its validation among it; empty if a resumed fit has lost its times.
    pub elapsed: Vec<Duration>,
}

impl<M> Fitted<M> {
    /// Returns the number of the epoch whose weights were kept; 0 if none was finite.
    pub fn best_epoch(&self) -> usize {
        self.history.best().map_or(0, |(epoch, _)| epoch)
    }

    /// Returns the median of the epochs' training times; 0 without an epoch.
    pub fn median_epoch(&self) -> Duration {
        median(&self.epoch_durations)
    }
}

/// Returns the median of some durations; 0 if there is none.
fn median(durations: &[Duration]) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => Duration::ZERO,
        odd if odd % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2,
    }
}

/// Watches a fit from outside and may end it.
pub trait Observer {
    /// Is told of each epoch as it ends.
    fn epoch_ended(&mut self, history: &History);

    /// Is asked after each epoch whether to stop there.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// An observer that looks away.
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

/// Trains a network for a task until validation loss stops improving, restores the best weights, and returns them.
///
/// With a run folder, the state is saved as it goes, and a fit goes on from what the folder holds: it ends in the same
/// bytes wherever it was cut off.
///
/// Denormal numbers are flushed to zero on the calling thread from here on: they slow Adam on MNIST's empty pixels.
///
/// # Errors
/// If a checkpoint cannot be written, or the one to resume from is damaged or of another run.
pub fn fit_task<M: Parameters + Architecture, T: Task<M>>(
    network: M,
    task: &T,
    settings: &Settings,
    folder: Option<&RunFolder>,
    observer: &mut dyn Observer,
) -> Result<Fitted<M>> {
    fit_part(network, |network| network, task, settings, folder, observer)
}

/// Trains a part of a network as [`fit_task`] does. What it returns, and leaves in the run folder at the end, is the whole network, which
/// `whole` puts together.
///
/// # Errors
/// Those of [`fit_task`].
pub fn fit_part<M: Parameters + Architecture, W: Parameters + Architecture, T: Task<M>>(
    part: M,
    whole: impl Fn(M) -> W,
    task: &T,
    settings: &Settings,
    folder: Option<&RunFolder>,
    observer: &mut dyn Observer,
) -> Result<Fitted<W>> {
    dfdx::flush_denormals_to_zero();
    let trainer = Trainer::new(task, settings);
    let mut state = TrainingState::new(part, settings);
    let mut timings = Timings::default();
    let saving = folder.map(|folder| (folder, Identity::new(&state.network, folder.dataset(), task, settings)));
    if let Some((folder, fit)) = &saving
        && let Some(restored) = folder.restore(fit, &state)?
    {
        (state, timings) = restored;
    }

    let ending = loop {
        if let Some(ending) = ending(&state.history, settings) {
            break ending;
        }
        let epoch_started = Instant::now();
        let training = trainer.epoch(&mut state)?;
        timings.push(training, epoch_started.elapsed());
        observer.epoch_ended(&state.history);
        if diverged(&state.history) {
            continue;
        }
        let stop = observer.wants_to_stop();
        if let Some((folder, fit)) = &saving {
            folder.epoch_ended(fit, &state, &timings, stop)?;
        }
        if stop {
            break Ending::Interrupted;
        }
    };

    let network = whole(state.best_network());
    if let Some((folder, fit)) = &saving
        && matches!(ending, Ending::EarlyStopping | Ending::EpochLimit)
    {
        folder.save_end(fit, &state, &timings, &network)?;
    }
    Ok(Fitted {
        network,
        history: state.history,
        ending,
        duration: timings.total(),
        epoch_durations: timings.of_training(),
        elapsed: timings.elapsed(),
    })
}

/// Tells whether, and why, a fit ends after these epochs.
fn ending(history: &History, settings: &Settings) -> Option<Ending> {
    if diverged(history) {
        Some(Ending::Diverged { epoch: history.len() })
    } else if history.epochs_since_best() >= settings.patience.get() {
        Some(Ending::EarlyStopping)
    } else if history.len() >= settings.epochs.get() {
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
        assert_eq!(median(&seconds(&[9, 1, 5])), Duration::from_secs(5));
        assert_eq!(median(&seconds(&[4, 2, 9, 1])), Duration::from_secs(3));
        assert_eq!(median(&[]), Duration::ZERO);
    }
}
