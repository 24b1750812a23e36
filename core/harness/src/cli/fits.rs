//! The same fit from several seeds, side by side.

use std::num::NonZeroUsize;
use std::path::Path;

use ch11_core::train::{Recipe, Task, describe};

use super::seed_run::{HeededFlags, SeedRun};
use super::{FitFolders, Session};

/// A fit of an exercise, to be run once per seed; see [`Session::fits`].
#[derive(Debug, Clone)]
pub struct Fits<'a> {
    folders: FitFolders<'a>,
    digits_name: String,
    recipe: Recipe,
    quick_epochs: NonZeroUsize,
    flags: HeededFlags,
    brief: bool,
}

/// The most epochs of a fit on tens of thousands of digits with `--quick`.
pub const DEFAULT_QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(5).unwrap();

impl Session {
    /// Describes a fit called `name` that is trained by `recipe` and the flags, and saved in the run folder's `name/seed-N`.
    pub fn fits(&self, name: &str, recipe: Recipe) -> Fits<'_> {
        Fits {
            folders: self.folders_of(name),
            digits_name: self.digits_name.clone(),
            recipe,
            quick_epochs: DEFAULT_QUICK_EPOCHS,
            flags: HeededFlags::All,
            brief: false,
        }
    }

    /// Runs several fits, each once per seed: those of the first fit, then those of the second, and so on, as many at once as
    /// there are threads. `run` is told the number of the fit. Returns for each fit what its runs made, in the order of the
    /// seeds.
    ///
    /// # Errors
    /// The first error in that order; the others are trained and saved all the same.
    pub fn each_seed_of<T: Send>(
        &self,
        fits: &[Fits<'_>],
        run: impl Fn(usize, SeedRun<'_>) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<Vec<T>>> {
        let seeds_of = |(number, fit): (usize, &Fits<'_>)| {
            fit.folders.all_seeds().to_vec().into_iter().map(move |seed| (number, seed))
        };
        let runs: Vec<(usize, u64)> = fits.iter().enumerate().flat_map(seeds_of).collect();
        let mut made = self.side_by_side(&runs, |&(number, seed)| run(number, fits[number].open(seed)?))?.into_iter();
        Ok(fits.iter().map(|fit| made.by_ref().take(fit.folders.seed_count()).collect()).collect())
    }
}

impl<'a> Fits<'a> {
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

    /// Makes it a fit that the exercise only builds on: it is trained on the digits `digits_name`, and no training flag
    /// changes its recipe.
    #[must_use]
    pub fn pretraining(self, digits_name: &str) -> Self {
        Self { digits_name: digits_name.to_owned(), flags: HeededFlags::None, ..self }
    }

    /// Keeps the recipe that a search has chosen; of the training flags, only those that say when to stop count.
    #[must_use]
    pub fn chosen_by_search(self) -> Self {
        Self { flags: HeededFlags::Stopping, ..self }
    }

    /// Keeps the recipe that the part has made of the flags; of the training flags, only those that say when to stop count.
    #[must_use]
    pub fn decided(self) -> Self {
        Self { flags: HeededFlags::Decided, ..self }
    }

    /// Saves it in another exercise's folder, and always resumes there.
    #[must_use]
    pub fn kept_in(self, folder: &Path) -> Self {
        Self { folders: self.folders.kept_in(folder), ..self }
    }

    /// Runs it for these seeds only.
    #[must_use]
    pub fn seeds(self, seeds: Vec<u64>) -> Self {
        Self { folders: self.folders.seeds(seeds), ..self }
    }

    /// Returns the folders that it is saved in.
    pub fn folders(&self) -> FitFolders<'a> {
        self.folders.clone()
    }

    /// Describes the data of a task as the checkpoints of this fit do: its name, its sizes and the beginning of its SHA-256.
    pub fn data<M, T: Task<M>>(&self, task: &T) -> String {
        describe(&self.dataset(), task)
    }

    /// Runs the fit once per seed, as many at once as there are threads, and returns what the runs made, in the order of the seeds.
    ///
    /// # Errors
    /// The first error in the order of the seeds; the other seeds are trained and saved all the same.
    pub fn each_seed<T: Send>(&self, run: impl Fn(SeedRun<'_>) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
        self.each_seed_from(&vec![(); self.folders.seed_count()], |seed_run, ()| run(seed_run))
    }

    /// Does the same, each seed with what it starts from: a network, for instance.
    ///
    /// # Errors
    /// As [`each_seed`](Self::each_seed).
    ///
    /// # Panics
    /// If there are not as many as seeds.
    pub fn each_seed_from<S: Sync, T: Send>(
        &self,
        starts: &[S],
        run: impl Fn(SeedRun<'_>, &S) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<T>> {
        let seeds: Vec<u64> = self.folders.all_seeds().to_vec();
        assert_eq!(seeds.len(), starts.len(), "one for each seed");
        let pairs: Vec<(u64, &S)> = seeds.into_iter().zip(starts).collect();
        self.folders.session().side_by_side(&pairs, |&(seed, start)| run(self.open(seed)?, start))
    }

    fn open(&self, seed: u64) -> anyhow::Result<SeedRun<'a>> {
        let session = self.folders.session();
        let folder = self.folders.open(seed, &self.dataset())?;
        let recipe = self.flags.apply(&session.args, session.args.shortened(self.recipe, self.quick_epochs));
        Ok(SeedRun {
            seed,
            session,
            name: self.folders.name().to_owned(),
            label: self.folders.label(seed),
            settings: recipe.seeded(seed),
            folder,
            threads: session.shared_threads.join(),
            flags: self.flags,
            brief: self.brief,
            is_borrowed: self.folders.is_borrowed(),
        })
    }

    fn dataset(&self) -> String {
        format!("{}, {}", self.folders.session().digits.source, self.digits_name)
    }
}
