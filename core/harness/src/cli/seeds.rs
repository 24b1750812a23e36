//! The same fit from several seeds, side by side.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::room::usable;
use super::{FitProgress, Session, tensorboard};
use crate::report::{Curve, RunResult};
use ch11_core::Error;
use ch11_core::data::Dataset;
use ch11_core::metrics::Evaluation;
use ch11_core::nets::{Architecture, Classifier, Parameters};
use ch11_core::shown;
use ch11_core::train::{
    Classification, Ending, Fitted, Observer, Opened, Recipe, RunFolder, Settings, Task, describe, fit_part, fit_task,
};

/// A fit of an exercise, to be run once per seed; see [`Session::stage`].
#[derive(Debug, Clone)]
pub struct Stage<'a> {
    session: &'a Session,
    name: String,
    folder: PathBuf,
    digits_name: String,
    recipe: Recipe,
    quick_epochs: NonZeroUsize,
    seeds: Vec<u64>,
    flags: Flags,
    always_resumes: bool,
    brief: bool,
    stages_at_once: usize,
}

/// The most epochs of a fit on tens of thousands of digits with `--quick`.
pub const QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(5).unwrap();

/// The training flags that a stage heeds.
#[derive(Debug, Clone, Copy)]
enum Flags {
    All,
    Stopping,
    None,
}

impl Flags {
    fn remedy_of_divergence(self) -> &'static str {
        match self {
            Self::All => "try a smaller --learning-rate",
            Self::Stopping => "search a space of smaller learning rates, with --space",
            Self::None => "try another --seed",
        }
    }
}

/// A fit that did not come to an end because its loss was no longer finite.
#[derive(Debug, thiserror::Error)]
#[error("{label}: diverged at epoch {epoch}: the loss is no longer finite; {remedy}")]
struct Diverged {
    label: String,
    epoch: usize,
    remedy: &'static str,
}

/// A stage's run from one seed: what it needs to train and to save itself.
#[derive(Debug)]
pub struct SeedRun<'a> {
    /// The seed.
    pub seed: u64,
    /// The number of the run, from 0.
    pub index: usize,
    stage: &'a Stage<'a>,
    label: String,
    settings: Settings,
    folder: RunFolder,
}

impl Session {
    /// Describes a fit called `name` that is trained by `recipe` and the flags, and saved in the run folder's `name/seed-N`.
    pub fn stage(&self, name: &str, recipe: Recipe) -> Stage<'_> {
        Stage {
            session: self,
            name: name.to_owned(),
            folder: self.folder.join(name),
            digits_name: self.digits_name.clone(),
            recipe,
            quick_epochs: QUICK_EPOCHS,
            seeds: self.args.all_seeds(),
            flags: Flags::All,
            always_resumes: false,
            brief: false,
            stages_at_once: 1,
        }
    }

    /// Returns the folder of a part, or of a fit of it, in the run folder.
    pub fn folder_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Does something for each item, as many at once as there are threads, and returns what it made of them, in their order.
    ///
    /// # Errors
    /// That of the first item, in their order, that failed; the others are done all the same.
    pub fn side_by_side<I: Sync, T: Send>(
        &self,
        items: &[I],
        make: impl Fn(&I) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<T>> {
        let made: Vec<_> = self.threads.install(|| items.par_iter().map(&make).collect());
        made.into_iter().collect()
    }

    /// Does the same, and leaves out fits that diverged, with a notice, unless all did.
    ///
    /// # Errors
    /// That of the first item that failed otherwise; or of the first, if all diverged.
    pub fn side_by_side_unless_diverged<I: Sync, T: Send>(
        &self,
        items: &[I],
        make: impl Fn(&I) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<T>> {
        unless_diverged(self.side_by_side(items, |item| Ok(make(item)))?, |error| self.notice(error))
    }

    /// Does two things, both at once if there are threads for it.
    pub fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        self.threads.join(a, b)
    }

    /// Names a part of the exercise, or a fit of it: `8c`, `8c refit`, `9 frozen5`.
    pub(super) fn label_of(&self, name: &str) -> String {
        let part_length = name.find('/').unwrap_or(name.len());
        format!("{}{}{}", self.exercise, if part_length > 1 { " " } else { "" }, name.replace('/', " "))
    }

    /// Returns where a stage's run from one seed is kept.
    pub fn run_folder(&self, name: &str, seed: u64) -> PathBuf {
        self.folder_of(name).join(format!("seed-{seed}"))
    }
}

impl Stage<'_> {
    /// Sets the most epochs that `--quick` allows, unless `--epochs` says otherwise.
    #[must_use]
    pub fn quick(self, epochs: NonZeroUsize) -> Self {
        Self { quick_epochs: epochs, ..self }
    }

    /// Shows one line per fit in place of one per epoch.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { brief: true, ..self }
    }

    /// Says that `stages` such stages run side by side, this one among them, so that it takes its share of the threads.
    #[must_use]
    pub fn one_of(self, stages: usize) -> Self {
        Self { stages_at_once: stages, ..self }
    }

    /// Makes it a fit that this exercise builds on: it is trained on the digits `digits_name`, by its recipe whatever the flags
    /// say.
    #[must_use]
    pub fn underneath(self, digits_name: &str) -> Self {
        Self { digits_name: digits_name.to_owned(), flags: Flags::None, ..self }
    }

    /// Makes it a fit whose learning rate, its decay, batch size and averaging are settled, by a search for instance, whatever the
    /// flags say; those that say when to stop are still heeded.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { flags: Flags::Stopping, ..self }
    }

    /// Says what a fit of it on this data is saved as having been trained on, with the beginning of the data's SHA-256.
    ///
    /// # Panics
    /// If a dataset is empty or has another number of classes.
    pub fn data<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        &self,
        train: &Dataset<D>,
        validation: &Dataset<D>,
    ) -> String {
        describe::<M, _>(&self.dataset(), &Classification::new(train, validation))
    }

    /// Keeps it in another exercise's folder, and goes on there with what that exercise began.
    #[must_use]
    pub fn kept_in(self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), always_resumes: true, ..self }
    }

    /// Runs it for these seeds only.
    #[must_use]
    pub fn seeds(self, seeds: Vec<u64>) -> Self {
        Self { seeds, ..self }
    }

    /// Runs the fit once per seed, as many at once as there are threads, and returns what the runs made, in the order of the
    /// seeds.
    ///
    /// # Errors
    /// The first run's, in the order of the seeds, that failed; the others are done, and saved, all the same.
    pub fn each_seed<T: Send>(&self, run: impl Fn(SeedRun<'_>) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
        let open_and_run = |(index, &seed)| run(self.open(index, seed)?);
        let results: Vec<_> =
            self.session.threads.install(|| self.seeds.par_iter().enumerate().map(open_and_run).collect());
        results.into_iter().collect()
    }

    /// Returns the folder that those of all seeds are in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of each seed.
    pub(super) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        self.seeds_and_folders().map(|(_, folder)| folder)
    }

    pub(super) fn seeds_and_folders(&self) -> impl Iterator<Item = (u64, PathBuf)> {
        self.seeds.iter().map(|&seed| (seed, self.folder.join(format!("seed-{seed}"))))
    }

    /// Tells whether it goes on with what its folders hold.
    pub(super) fn resumes(&self) -> bool {
        self.session.args.resume || self.always_resumes
    }

    /// Says what to do about a folder that cannot be used.
    pub(super) fn usable<T>(&self, result: ch11_core::Result<T>) -> anyhow::Result<T> {
        usable(result, if self.always_resumes { "--pretrained" } else { "--out" })
    }

    /// Says that an earlier fit was moved.
    pub(super) fn moved(&self, seed: u64, to: &Path) -> String {
        let what = if self.resumes() { "what was there without a state to resume from" } else { "an earlier run" };
        format!("{}: {what} was moved to {}", self.label(seed), shown(to))
    }

    fn open(&self, index: usize, seed: u64) -> anyhow::Result<SeedRun<'_>> {
        let Session { args, console, .. } = self.session;
        let label = self.label(seed);
        let path = self.folder.join(format!("seed-{seed}"));
        let opened = self.session.take_folder(&path);
        let opened = opened.and_then(|held| held.open(&self.dataset(), args.checkpoint_every.get(), self.resumes()));
        let (folder, opened) = self.usable(opened)?;
        match opened {
            Opened::Resuming => console.notice(format_args!("{label}: resumes from {}", shown(folder.last()))),
            Opened::SetAside(previous) => console.notice(self.moved(seed, &previous)),
            Opened::Empty if args.resume => {
                console.notice(format_args!("{label}: nothing to resume in {}, starts afresh", shown(path)));
            }
            Opened::Empty => {}
        }
        Ok(SeedRun { seed, index, stage: self, label, settings: self.flagged_recipe().seeded(seed), folder })
    }

    /// Returns the recipe as the flags change it that this fit heeds.
    fn flagged_recipe(&self) -> Recipe {
        let args = &self.session.args;
        let recipe = args.shortened(self.recipe, self.quick_epochs);
        match self.flags {
            Flags::All => args.recipe(recipe),
            Flags::Stopping => args.stopping(recipe),
            Flags::None => recipe,
        }
    }

    fn dataset(&self) -> String {
        format!("{}, {}", self.session.digits.source, self.digits_name)
    }

    fn label(&self, seed: u64) -> String {
        let name = self.session.label_of(&self.name);
        if self.session.args.seeds.get() == 1 { name } else { format!("{name} seed {seed}") }
    }
}

impl SeedRun<'_> {
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
        let stage = self.stage;
        let fits_at_once = stage.seeds.len() * stage.stages_at_once;
        let threads = stage.session.threads.current_num_threads() / fits_at_once;
        self.fit_task(network, &Classification::new(train, validation).on_threads(threads.max(1)))
    }

    /// Trains the layers above frozen ones, on what those make of the images, as [`fit_task`](Self::fit_task) does. What it returns and
    /// saves is the whole network, which `whole` puts together.
    ///
    /// # Errors
    /// Those of [`fit_task`](Self::fit_task).
    pub fn fit_above<M: Classifier<D, CLASSES>, W: Parameters + Architecture, const D: usize, const CLASSES: usize>(
        &self,
        layers: M,
        whole: impl Fn(M) -> W,
        train: &Dataset<D>,
        validation: &Dataset<D>,
    ) -> anyhow::Result<Fitted<W>> {
        let task = Classification::new(train, validation);
        self.watch(|folder, watch| fit_part(layers, whole, &task, &self.settings, Some(folder), watch))
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
        self.watch(|folder, watch| fit_task(network, task, &self.settings, Some(folder), watch))
    }

    /// Puts together the results of its fit and of the test.
    ///
    /// # Errors
    /// If the loss on the test digits is not finite.
    pub fn result<M>(&self, fitted: &Fitted<M>, test: &Evaluation) -> anyhow::Result<RunResult> {
        RunResult::new(fitted, test).ok_or_else(|| self.diverged(fitted.best_epoch()))
    }

    fn diverged(&self, epoch: usize) -> anyhow::Error {
        Diverged { label: self.label.clone(), epoch, remedy: self.stage.flags.remedy_of_divergence() }.into()
    }

    /// Runs a fit: shows its progress, and says what its ending means.
    fn watch<W: Parameters>(
        &self,
        fit: impl FnOnce(&RunFolder, &mut dyn Observer) -> ch11_core::Result<Fitted<W>>,
    ) -> anyhow::Result<Fitted<W>> {
        let Self { stage: Stage { session, brief, always_resumes, .. }, label, settings, folder, .. } = self;
        if session.interrupt.asked() {
            return Err(session.interrupted());
        }
        let patience = settings.recipe.patience.get();
        let mut progress = FitProgress::new(&session.console, &session.interrupt, label.clone(), patience, *brief);
        let fitted = fit(folder, &mut progress);
        drop(progress);
        let fitted = fitted.map_err(|error| {
            let remedy = match &error {
                Error::Checkpoint { .. } | Error::OtherRun { .. } if *always_resumes => {
                    "cannot use again what is there; remove its folder to have it trained again"
                }
                error => remedy(error),
            };
            anyhow::Error::new(error).context(format!("{label} {remedy}"))
        })?;
        if session.args.tensorboard || tensorboard::is_there(folder.path()) {
            tensorboard::save(folder.path(), &fitted)?;
        }
        match fitted.ending {
            Ending::Interrupted => Err(session.interrupted()),
            Ending::Diverged { epoch } => Err(self.diverged(epoch)),
            Ending::EarlyStopping | Ending::EpochLimit => {
                session.add_fit(&self.stage.name, self.seed, Curve::of(label, &fitted));
                Ok(fitted)
            }
        }
    }
}

/// Leaves out what diverged, and tells of it; if nothing is left, or something failed otherwise, that is the error.
fn unless_diverged<T>(made: Vec<anyhow::Result<T>>, tell: impl Fn(&anyhow::Error)) -> anyhow::Result<Vec<T>> {
    let (good, bad): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    let mut errors: Vec<anyhow::Error> = bad.into_iter().filter_map(Result::err).collect();
    let other = errors.iter().position(|error| !error.is::<Diverged>());
    let nothing_left = good.is_empty() && !errors.is_empty();
    match other.or(nothing_left.then_some(0)) {
        Some(index) => Err(errors.swap_remove(index)),
        None => {
            errors.iter().for_each(tell);
            good.into_iter().collect()
        }
    }
}

/// Says what an error means for a fit and what to do about it.
fn remedy(error: &Error) -> &'static str {
    match error {
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_fit_that_diverged_spoils_no_other() {
        let diverged = |label: &str| Err(Diverged { label: label.to_owned(), epoch: 1, remedy: "" }.into());
        let told = RefCell::new(Vec::new());
        let left = |made| {
            let left = unless_diverged(made, |error| told.borrow_mut().push(error.to_string()));
            left.map_err(|error| error.to_string())
        };
        assert_eq!(left(vec![Ok(1), Ok(2)]), Ok(vec![1, 2]));
        assert_eq!(left(vec![diverged("a"), Ok(2)]), Ok(vec![2]));
        assert!(matches!(told.borrow().as_slice(), [one] if one.starts_with("a: diverged at epoch 1")), "{told:?}");
        assert!(left(vec![diverged("a"), diverged("b")]).unwrap_err().starts_with("a: diverged"));
        for other in [diverged("a"), Ok(1)] {
            assert_eq!(left(vec![other, Err(anyhow!("a full disk"))]), Err("a full disk".to_owned()));
        }
        assert_eq!(left(vec![]), Ok(vec![]));
    }
}
