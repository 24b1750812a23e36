//! How fits went.

use std::time::Duration;

use ch11_core::train::{Epoch, Fitted, History};

/// How a fit went, under the name that a legend gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The name.
    pub name: String,
    /// The epochs.
    pub history: History,
    /// How long the fit had taken when each epoch had ended; empty if that is not known.
    pub elapsed: Vec<Duration>,
}

impl Curve {
    /// Takes the curve of a fit.
    pub fn of<M>(name: &str, fitted: &Fitted<M>) -> Self {
        Self { name: name.to_owned(), history: fitted.history.clone(), elapsed: fitted.elapsed.clone() }
    }

    /// The validation loss after each epoch.
    pub(super) fn by_epoch(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| epoch.validation_loss)
    }

    /// The training loss of each epoch.
    pub(super) fn training_losses(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| epoch.training_loss)
    }

    /// The training accuracy of each epoch, in percent.
    pub(super) fn training_accuracies(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| 100.0 * epoch.training_accuracy)
    }

    /// The validation accuracy after each epoch, in percent.
    pub(super) fn accuracies(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| 100.0 * epoch.validation_accuracy)
    }

    fn numbered(&self, figure: impl Fn(&Epoch) -> f64) -> Vec<(f64, f64)> {
        (1..).zip(self.history.epochs()).map(|(number, epoch)| (f64::from(number), figure(epoch))).collect()
    }

    /// The validation loss after so many seconds.
    pub(super) fn by_second(&self) -> Vec<(f64, f64)> {
        let timed = self.elapsed.iter().zip(self.history.epochs());
        timed.map(|(elapsed, epoch)| (elapsed.as_secs_f64(), epoch.validation_loss)).collect()
    }

    /// The position in the history of the epoch whose weights were kept.
    pub(super) fn best(&self) -> Option<usize> {
        self.history.best().map(|(number, _)| number - 1)
    }
}
