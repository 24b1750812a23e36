//! A fit from one seed.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use ch11_core::Error;
use ch11_core::data::{Augmentation, Dataset, PIXELS};
use ch11_core::metrics::{Evaluation, SpreadsByEpoch, evaluate};
use ch11_core::nets::{Architecture, Batch, Classifier, Parameters, Sequential};
use ch11_core::train::{
    Classification, Ending, Fitted, Observer, Recipe, RunFolder, Settings, Task, ThreadShare, cache, fit_part, fit_task,
};
use dfdx::prelude::Module;

use super::divergence::Diverged;
use super::spreads::{SpreadWatch, Watched};
use super::{Args, FitProgress, Session, tensorboard};
use crate::report::{Curve, Tested};

/// A fit from one seed: what it needs to train and to save itself.
#[derive(Debug)]
pub struct SeedRun<'a> {
    /// The seed of the fit.
    pub seed: u64,
    pub(super) session: &'a Session,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) settings: Settings,
    pub(super) folder: RunFolder,
    pub(super) threads: ThreadShare<'a>,
    pub(super) flags: HeededFlags,
    pub(super) brief: bool,
    pub(super) is_borrowed: bool,
}

/// Distorted copies of an image, which are made once.
#[derive(Debug, Clone, Copy)]
pub struct Copies {
    /// How they are distorted.
    pub augmentation: Augmentation,
    /// How many there are of each image.
    pub count: usize,
}

/// The training flags that a fit heeds.
#[derive(Debug, Clone, Copy)]
pub(super) enum HeededFlags {
    All,
    /// Those that say when to stop, since the part has heeded the others.
    Decided,
    /// Those that say when to stop, since a search has decided the others.
    Stopping,
    None,
}

impl HeededFlags {
    pub(super) fn apply(self, args: &Args, recipe: Recipe) -> Recipe {
        match self {
            Self::All => args.recipe(recipe),
            Self::Decided | Self::Stopping => args.stopping(recipe),
            Self::None => recipe,
        }
    }

    fn remedy_of_divergence(self) -> &'static str {
        match self {
            Self::All | Self::Decided => "try a smaller --learning-rate",
            Self::Stopping => "search a space of smaller learning rates, with --space",
            Self::None => "try another --seed",
        }
    }
}

impl SeedRun<'_> {
    /// Trains a classifier as [`fit_task`](Self::fit_task) does, and tests it once.
    ///
    /// # Errors
    /// Those of [`fit_task`](Self::fit_task); or if the loss on the test digits is not finite.
    pub fn fit_and_test<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        &self,
        network: M,
        train: &Dataset<D>,
        validation: &Dataset<D>,
        test: &Dataset<D>,
    ) -> anyhow::Result<Tested<M>> {
        self.fit_classifier_and_test(network, &self.classification(train, validation), test)
    }

    /// Does the same for a classification that is set already, such as of augmented digits.
    ///
    /// # Errors
    /// Those of [`fit_and_test`](Self::fit_and_test).
    pub fn fit_classifier_and_test<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        &self,
        network: M,
        task: &Classification<'_, D, CLASSES>,
        test: &Dataset<D>,
    ) -> anyhow::Result<Tested<M>> {
        let fitted = self.fit_classifier(network, task)?;
        let test = evaluate(&fitted.network, test);
        self.tested(fitted, test)
    }

    /// Trains a classifier as [`fit_task`](Self::fit_task) does.
    ///
    /// # Errors
    /// Those of [`fit_task`](Self::fit_task).
    pub fn fit<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        &self,
        network: M,
        train: &Dataset<D>,
        validation: &Dataset<D>,
    ) -> anyhow::Result<Fitted<M>> {
        self.fit_classifier(network, &self.classification(train, validation))
    }

    /// Does the same for a classification that is set already. With `--tensorboard`, measures how activations and gradients
    /// spread, on training rows as they are without augmentation.
    ///
    /// # Errors
    /// Those of [`fit_task`](Self::fit_task).
    pub fn fit_classifier<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        &self,
        network: M,
        task: &Classification<'_, D, CLASSES>,
    ) -> anyhow::Result<Fitted<M>> {
        let watched = self.session.args.tensorboard.then(|| Watched::of(&network, task.training_rows()));
        self.watch(watched, |watch| fit_task(network, task, &self.settings, Some(&self.folder), watch))
    }

    /// Makes a task of training rows and validation rows, for the threads of this fit.
    ///
    /// # Panics
    /// If a dataset is empty or has another number of classes.
    pub fn classification<'d, const D: usize, const CLASSES: usize>(
        &'d self,
        train: &'d Dataset<D>,
        validation: &'d Dataset<D>,
    ) -> Classification<'d, D, CLASSES> {
        Classification::new(train, validation).sharing(&self.threads)
    }

    /// Computes once what `frozen` makes of the images, `(n, D) -> (n, F)`, trains `layers` on that, and tests the
    /// network that `whole` puts together. The time that the cache takes counts as the fit's.
    ///
    /// # Errors
    /// Those of [`fit_and_test`](Self::fit_and_test).
    pub fn fit_on_cache<L, M, W, const D: usize, const F: usize, const CLASSES: usize>(
        &self,
        frozen: &L,
        (layers, whole): (M, impl Fn(M) -> W),
        train: &Dataset<D>,
        validation: &Dataset<D>,
        test: &Dataset<D>,
    ) -> anyhow::Result<Tested<W>>
    where
        L: Module<Batch<D>, Output = Batch<F>> + Sequential + Parameters,
        M: Classifier<F, CLASSES>,
        W: Classifier<D, CLASSES>,
    {
        let started = Instant::now();
        let (train, validation) = (cache(frozen, train), cache(frozen, validation));
        let task = Classification::new(&train, &validation);
        self.fit_above((layers, whole), &task, started.elapsed(), test)
    }

    /// Does the same with so many distorted copies of each training image, in place of the image: every epoch has one of
    /// them.
    ///
    /// # Errors
    /// Those of [`fit_and_test`](Self::fit_and_test).
    pub fn fit_on_cached_copies<L, M, W, const F: usize, const CLASSES: usize>(
        &self,
        frozen: &L,
        (layers, whole): (M, impl Fn(M) -> W),
        Copies { augmentation, count }: Copies,
        train: &Dataset<PIXELS>,
        validation: &Dataset<PIXELS>,
        test: &Dataset<PIXELS>,
    ) -> anyhow::Result<Tested<W>>
    where
        L: Module<Batch<PIXELS>, Output = Batch<F>> + Sequential + Parameters,
        M: Classifier<F, CLASSES>,
        W: Classifier<PIXELS, CLASSES>,
    {
        let started = Instant::now();
        let copies = augmentation.distorter().copies(train, count, self.seed);
        let (train, validation) = (cache(frozen, &copies), cache(frozen, validation));
        drop(copies);
        let task = Classification::new(&train, &validation).of_copies(count);
        self.fit_above((layers, whole), &task, started.elapsed(), test)
    }

    /// Trains the layers above a cache that took `caching` to make, and tests the whole network.
    fn fit_above<M, W, const D: usize, const F: usize, const CLASSES: usize>(
        &self,
        (layers, whole): (M, impl Fn(M) -> W),
        task: &Classification<'_, F, CLASSES>,
        caching: Duration,
        test: &Dataset<D>,
    ) -> anyhow::Result<Tested<W>>
    where
        M: Classifier<F, CLASSES>,
        W: Classifier<D, CLASSES>,
    {
        let fitted =
            self.watch(None, |watch| fit_part(layers, whole, task, &self.settings, Some(&self.folder), watch))?;
        let test = evaluate(&fitted.network, test);
        Ok(self.tested(fitted, test)?.after(caching))
    }

    /// Trains a network with early stopping, shows its progress, saves it as it goes, and returns it with its best weights.
    ///
    /// # Errors
    /// If training diverges, is interrupted, or cannot be saved or resumed.
    pub fn fit_task<M: Parameters + Architecture, T: Task<M>>(
        &self,
        network: M,
        task: &T,
    ) -> anyhow::Result<Fitted<M>> {
        self.watch(None, |watch| fit_task(network, task, &self.settings, Some(&self.folder), watch))
    }

    /// Pairs a fit with its test.
    ///
    /// # Errors
    /// If the loss on the test instances is not finite.
    pub fn tested<M>(&self, fitted: Fitted<M>, test: Evaluation) -> anyhow::Result<Tested<M>> {
        let epoch = fitted.best_epoch();
        Tested::new(fitted, test).ok_or_else(|| self.diverged(epoch))
    }

    fn diverged(&self, epoch: usize) -> anyhow::Error {
        Diverged { label: self.label.clone(), epoch, remedy: self.flags.remedy_of_divergence() }.into()
    }

    /// Runs a fit: shows its progress, measures the spreads of what is watched, and says what its ending means.
    fn watch<W: Parameters>(
        &self,
        watched: Option<Watched>,
        fit: impl FnOnce(&mut dyn Observer) -> ch11_core::Result<Fitted<W>>,
    ) -> anyhow::Result<Fitted<W>> {
        let Self { session, label, folder, .. } = self;
        if session.interrupt.asked() {
            return Err(session.interrupted());
        }
        let patience = self.settings.recipe.patience.get();
        let progress = FitProgress::new(&session.console, &session.interrupt, label.clone(), patience, self.brief);
        let mut watch = SpreadWatch { progress, watched, spreads: SpreadsByEpoch::new() };
        let fitted = fit(&mut watch);
        let SpreadWatch { spreads, .. } = watch;
        let fitted = fitted.map_err(|error| {
            let remedy = self.remedy(&error);
            anyhow::Error::new(error).context(format!("{label} {remedy}"))
        })?;
        if session.args.tensorboard || tensorboard::is_there(folder.path()) {
            let spreads = tensorboard::save(folder.path(), &fitted, spreads)?;
            session.add_spreads(&self.name, self.seed, spreads);
        }
        match fitted.ending {
            Ending::Interrupted => Err(session.interrupted()),
            Ending::Diverged { epoch } => Err(self.diverged(epoch)),
            Ending::EarlyStopping | Ending::EpochLimit => {
                session.add_fit(&self.name, self.seed, Curve::of(label, &fitted));
                Ok(fitted)
            }
        }
    }

    /// Says what an error means for a fit and what to do about it.
    fn remedy(&self, error: &Error) -> &'static str {
        match error {
            Error::Checkpoint { .. } | Error::OtherRun { .. } if self.is_borrowed => {
                "cannot use again what is there; remove its folder to have it trained again"
            }
            Error::Io { cause, .. } if matches!(cause.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                "stopped, its last checkpoint is whole; make room for the next one, then go on with --resume"
            }
            Error::Io { action: "write", .. } => {
                "stopped, its last checkpoint is whole; make its folder writable, then go on with --resume, or name another with --out"
            }
            Error::Checkpoint { .. } => "cannot resume; start afresh without --resume, which moves this run aside",
            Error::OtherRun { .. } => {
                "cannot resume; ask for what it was begun with, or start afresh without --resume, which moves this run aside"
            }
            _ => "stopped; go on with --resume once the cause is mended",
        }
    }
}
