//! One fit of a search, and how it ended.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{Finite, FoldCount, Outcome, Processor};
use ch11_core::Result;
use ch11_core::data::{Dataset, Fold};
use ch11_core::metrics::evaluate;
use ch11_core::nets::Classifier;
use ch11_core::train::{Ending, Observer, Recipe, RunFolder, Settings, fit};

/// One fit: a candidate, trained on all folds but one and scored on that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Trial {
    /// The most epochs to train for.
    pub epochs: NonZeroUsize,
    /// The number of the candidate, from 0.
    pub candidate: usize,
    /// The number of the fold, from 0.
    pub fold: usize,
}

/// A trial that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Which trial it was.
    pub trial: Trial,
    /// How it ended.
    pub outcome: Outcome,
    /// Epochs trained.
    pub epochs: usize,
    /// How long training and validation took.
    pub seconds: Finite,
    /// What it was trained on; earlier versions did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
}

impl Trial {
    /// Returns its number among those of its rung, from 0, by which it belongs to a share.
    pub fn number(&self, folds: FoldCount) -> usize {
        self.candidate * folds.get() + self.fold
    }

    /// Returns the name of its fit, which is the same in every rung.
    pub(crate) fn fit_name(&self) -> String {
        format!("candidate-{}-fold-{}", self.candidate + 1, self.fold + 1)
    }

    /// Trains `network` on a fold's training rows until it stops improving on `validation`, and scores it on the fold's
    /// held-out rows, which had no part in the training. Returns `None` if the observer ended the fit. With a run
    /// folder, it goes on from the state that an earlier rung left there.
    ///
    /// # Errors
    /// Those of [`fit`].
    ///
    /// # Panics
    /// As [`fit`].
    pub fn run<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        self,
        network: M,
        fold: &Fold<D>,
        validation: &Dataset<D>,
        settings: Settings,
        folder: Option<&RunFolder>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Record>> {
        let settings = Recipe { epochs: self.epochs, ..settings.recipe }.seeded(settings.seed);
        let fitted = fit(network, &fold.train, validation, &settings, folder, observer)?;
        let outcome = match fitted.ending {
            Ending::Interrupted => return Ok(None),
            Ending::Diverged { epoch } => Outcome::Diverged { epoch },
            Ending::EarlyStopping | Ending::EpochLimit => {
                let held_out = evaluate(&fitted.network, &fold.held_out);
                Outcome::of(held_out.accuracy(), held_out.loss, fitted.best_epoch())
            }
        };
        let (epochs, seconds) = (fitted.history.len(), Finite::from(fitted.duration().unwrap_or_default()));
        Ok(Some(Record { trial: self, outcome, epochs, seconds, processor: Some(Processor::own()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ch11_core::nets::{Linear, build};
    use ch11_core::train::{History, Unattended};
    use std::path::Path;

    #[test]
    fn a_candidate_whose_held_out_loss_is_infinite_has_diverged() {
        let mut network = (build::<Linear<2, 2>>(1),);
        // The weights of the second feature, which is 0 in all but the held-out rows.
        network.0.weight.copy_from(&[0.1, f32::MAX, 0.2, f32::MIN]);
        let [train, held_out] =
            [0.0, 1000.0].map(|feature| Dataset::from_features(vec![1.0, feature, 2.0, feature], vec![0, 1], 2));
        let fold = Fold { train: train.clone(), held_out };
        let one = NonZeroUsize::MIN;
        let settings =
            Recipe { batch_size: one, ema_decay: None, epochs: one, patience: one, ..Recipe::DEEP_NET }.seeded(1);
        let trial = Trial { epochs: one, candidate: 0, fold: 0 };
        let record = trial.run(network, &fold, &train, settings, None, &mut Unattended).unwrap().unwrap();
        assert_eq!(record.outcome, Outcome::Diverged { epoch: 1 });
        assert!(!serde_json::to_string(&record).unwrap().contains("null"));
    }

    /// Counts the epochs that are trained.
    #[derive(Default)]
    struct Trained(usize);

    impl Observer for Trained {
        fn epoch_ended(&mut self, _: &History) {
            self.0 += 1;
        }
    }

    #[test]
    fn a_rung_goes_on_from_the_one_before_and_scores_as_if_it_had_not() {
        let train = Dataset::from_features(vec![0.0, 1.0, 1.0, 0.5, 0.2, 0.1, 1.0, 0.0], vec![0, 1, 0, 1], 2);
        let fold = Fold { train: train.clone(), held_out: train.clone() };
        let settings = Recipe { patience: NonZeroUsize::MAX, ..Recipe::DEEP_NET }.seeded(1);
        let run = |epochs, folder: Option<&Path>| {
            let folder = folder.map(|path| RunFolder::open(path, "drawn", usize::MAX, true).unwrap().0);
            let trial = Trial { epochs: NonZeroUsize::new(epochs).unwrap(), candidate: 0, fold: 0 };
            let (network, mut trained) = ((build::<Linear<2, 2>>(1),), Trained::default());
            let record = trial.run(network, &fold, &train, settings, folder.as_ref(), &mut trained).unwrap().unwrap();
            (record.outcome, record.epochs, trained.0)
        };
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("fit");
        assert_eq!((run(2, Some(&folder)).1, run(2, Some(&folder)).2), (2, 0));
        let (outcome, epochs, trained) = run(6, Some(&folder));
        assert_eq!((epochs, trained), (6, 4));
        assert_eq!((outcome, epochs, 6), run(6, None));
    }
}
