//! The same part from several seeds, side by side.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::bail;
use rayon::prelude::*;

use super::{FitProgress, Session, TrainingDefaults};
use crate::Error;
use crate::data::Dataset;
use crate::nets::Classifier;
use crate::train::{Ending, Fitted, Opened, RunFolder, Settings, fit};

/// A part's run from one seed: what it needs to train and to save itself.
#[derive(Debug)]
pub struct SeedRun<'a> {
    /// The seed.
    pub seed: u64,
    session: &'a Session,
    label: String,
    settings: Settings,
    folder: RunFolder,
}

impl Session {
    /// Runs a part once per seed, as many at once as there are threads, and returns what the runs made, in the order of the seeds.
    ///
    /// Each run has a folder of its own, which it resumes from with `--resume`.
    ///
    /// # Errors
    /// The first run's, in the order of the seeds, that failed; the others are done, and saved, all the same.
    pub fn each_seed<T: Send>(
        &self,
        part: &str,
        defaults: TrainingDefaults,
        run: impl Fn(SeedRun<'_>) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<T>> {
        let seeds = self.args.all_seeds();
        // All folders first: an interrupted command then leaves none that --resume would mistake for its own.
        let runs =
            seeds.into_iter().map(|seed| self.open_run(part, defaults, seed)).collect::<anyhow::Result<Vec<_>>>()?;
        let results: Vec<_> = self.threads.install(|| runs.into_par_iter().map(&run).collect());
        results.into_iter().collect()
    }

    /// Returns where a part's run from one seed is kept.
    pub fn run_folder(&self, part: &str, seed: u64) -> PathBuf {
        self.folder.join(part).join(format!("seed-{seed}"))
    }

    fn open_run(&self, part: &str, defaults: TrainingDefaults, seed: u64) -> anyhow::Result<SeedRun<'_>> {
        let label = match self.args.seeds.get() {
            1 => format!("{}{part}", self.exercise),
            _ => format!("{}{part} seed {seed}", self.exercise),
        };
        let path = self.run_folder(part, seed);
        let dataset = format!("{}, {}", self.digits.source, self.digits_name);
        let (folder, opened) = RunFolder::open(&path, &dataset, self.args.checkpoint_every.get(), self.args.resume)
            .map_err(|error| match error {
                Error::FolderInUse { .. } => anyhow::Error::new(error),
                _ => anyhow::Error::new(error).context("cannot use the run folder; name another with --out"),
            })?;
        match opened {
            Opened::Resuming => self.console.notice(format_args!("{label}: resumes from {}", folder.last().display())),
            Opened::SetAside(previous) => {
                self.console.notice(format_args!("{label}: an earlier run was moved to {}", previous.display()));
            }
            Opened::Empty if self.args.resume => {
                self.console.notice(format_args!("{label}: nothing to resume in {}, starts afresh", path.display()));
            }
            Opened::Empty => {}
        }
        Ok(SeedRun { seed, session: self, label, settings: self.args.settings(defaults, seed), folder })
    }
}

impl SeedRun<'_> {
    /// Trains a network with early stopping, shows its progress, saves it as it goes, and returns it with its best weights.
    ///
    /// # Errors
    /// If training diverges, is interrupted, or cannot be saved or resumed.
    pub fn fit<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
        &self,
        network: M,
        train: &Dataset<D>,
        validation: &Dataset<D>,
    ) -> anyhow::Result<Fitted<M>> {
        let Self { session, label, settings, folder, .. } = self;
        if session.interrupt.asked() {
            return Err(session.interrupted());
        }
        let mut progress =
            FitProgress::new(&session.console, &session.interrupt, label.clone(), settings.patience.get());
        let fitted = fit(network, train, validation, settings, Some(folder), &mut progress);
        drop(progress);
        let fitted = fitted.map_err(|error| {
            let remedy = remedy(&error);
            anyhow::Error::new(error).context(format!("{label} {remedy}"))
        })?;
        match fitted.ending {
            Ending::Interrupted => Err(session.interrupted()),
            Ending::Diverged { epoch } => {
                bail!("{label}: diverged at epoch {epoch}: the loss is no longer finite; try a smaller --learning-rate")
            }
            Ending::EarlyStopping | Ending::EpochLimit => Ok(fitted),
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
