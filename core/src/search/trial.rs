//! One fit of a search.

use super::{Outcome, Record, Trial};
use crate::Result;
use crate::data::{Dataset, Fold};
use crate::metrics::evaluate;
use crate::nets::Classifier;
use crate::train::{Ending, Observer, Settings, fit};

impl Trial {
    /// Trains `network` on a fold's training rows until it stops to improve on `validation`, and scores it on the fold's held-out
    /// rows, which had no part in the training; nothing if the observer ended it.
    ///
    /// # Errors
    /// If memory for a batch is not to be had.
    ///
    /// # Panics
    /// As [`fit`].
    pub fn run<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        self,
        network: M,
        fold: &Fold<D>,
        validation: &Dataset<D>,
        settings: Settings,
        observer: &mut dyn Observer,
    ) -> Result<Option<Record>> {
        let settings = Settings { epochs: self.epochs, ..settings };
        let fitted = fit(network, &fold.train, validation, &settings, None, observer)?;
        let outcome = match fitted.ending {
            Ending::Interrupted => return Ok(None),
            Ending::Diverged { epoch } => Outcome::Diverged { epoch },
            Ending::EarlyStopping | Ending::EpochLimit => {
                let held_out = evaluate(&fitted.network, &fold.held_out);
                Outcome::Scored { accuracy: held_out.accuracy(), loss: held_out.loss, best_epoch: fitted.best_epoch() }
            }
        };
        let (epochs, seconds) = (fitted.history.len(), fitted.duration.as_secs_f64());
        Ok(Some(Record { trial: self, outcome, epochs, seconds }))
    }
}
