//! The learning curve of a fit.

use serde::{Deserialize, Serialize};

/// The figures of one epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Mean cross-entropy in nats of the training instances, measured just before the step of their batch.
    pub training_loss: f64,
    /// The fraction of training instances classified correctly, at the same moment.
    pub training_accuracy: f64,
    /// Mean cross-entropy in nats of the validation instances after the epoch.
    pub validation_loss: f64,
    /// The fraction of validation instances classified correctly after the epoch.
    pub validation_accuracy: f64,
}

/// The epochs of a fit, in order. Epochs are counted from 1.
///
/// # Example
/// ```
/// use ch11_core::train::{Epoch, History};
///
/// let mut history = History::default();
/// for validation_loss in [0.3, 0.1, 0.2, 0.15, 0.05] {
///     history.push(Epoch { validation_loss, ..Epoch::default() });
///     assert_eq!(history.epochs_since_best(), [0, 0, 1, 2, 0][history.len() - 1]);
/// }
/// assert_eq!(history.best().map(|(number, _)| number), Some(5));
/// assert_eq!([2, 3].map(|patience| history.early_stop(patience)), [Some(4), None]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History(Vec<Epoch>);

impl History {
    /// Adds an epoch.
    pub fn push(&mut self, epoch: Epoch) {
        self.0.push(epoch);
    }

    /// Returns the number of epochs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether no epoch has been trained yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the epochs, the first one first.
    pub fn epochs(&self) -> &[Epoch] {
        &self.0
    }

    /// Returns the history as it was after this number of epochs.
    pub(super) fn first(&self, epochs: usize) -> Self {
        Self(self.0.iter().take(epochs).copied().collect())
    }

    /// Returns the last epoch.
    pub fn last(&self) -> Option<&Epoch> {
        self.0.last()
    }

    /// Returns the number and the figures of the epoch with the lowest validation loss, the first of equals, if any
    /// loss was finite.
    pub fn best(&self) -> Option<(usize, &Epoch)> {
        let numbered = self.0.iter().enumerate().map(|(index, epoch)| (index + 1, epoch));
        let finite = numbered.filter(|(_, epoch)| epoch.validation_loss.is_finite());
        finite.min_by(|(_, a), (_, b)| a.validation_loss.total_cmp(&b.validation_loss))
    }

    /// Returns the number of epochs since the best one, which early stopping compares with its patience.
    pub fn epochs_since_best(&self) -> usize {
        self.best().map_or(0, |(number, _)| self.len() - number)
    }

    /// Returns the number of the epoch after which early stopping with this patience would have ended the fit, if there
    /// is one.
    pub fn early_stop(&self, patience: usize) -> Option<usize> {
        let mut best = (0, f64::INFINITY);
        (1..).zip(&self.0).find_map(|(number, epoch)| {
            if epoch.validation_loss < best.1 {
                best = (number, epoch.validation_loss);
            }
            (best.0 > 0 && number - best.0 >= patience).then_some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_epoch_is_best_by_a_loss_that_is_not_finite() {
        let mut history = History::default();
        for validation_loss in [0.2, -f64::NAN, f64::NAN, f64::INFINITY] {
            history.push(Epoch { validation_loss, ..Epoch::default() });
        }
        assert_eq!(history.best().map(|(number, _)| number), Some(1));
        assert_eq!(history.epochs_since_best(), 3);
    }
}
