//! One run of a binary: its flags, its digits, and what all parts do alike.

use std::fmt::Display;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::interrupt::INTERRUPTED;
use super::{Args, Console, FitProgress, Interrupt, TrainingDefaults};
use crate::Error;
use crate::data::{self, Digits, PIXELS};
use crate::metrics::{Evaluation, evaluate};
use crate::nets::Classifier;
use crate::report::{Row, Rows, thousands};
use crate::train::{Ending, Fitted, Opened, RunFolder, fit};

/// One run of a binary: its flags, its digits, and what all parts do alike.
#[derive(Debug)]
pub struct Session {
    /// The flags.
    pub args: Args,
    /// Where text goes.
    pub console: Console,
    /// The digits of the exercise, renumbered from 0.
    pub digits: Digits,
    exercise: &'static str,
    digits_name: String,
    folder: PathBuf,
    interrupt: Interrupt,
    threads: rayon::ThreadPool,
    parts: Map<String, Value>,
}

/// A fit from one seed, and what its network did on the test rows.
#[derive(Debug, Clone)]
pub struct SeedRun<M> {
    /// The seed.
    pub seed: u64,
    /// Where the fit is saved.
    pub folder: RunFolder,
    /// The fit.
    pub fitted: Fitted<M>,
    /// How it did on the test rows.
    pub test: Evaluation,
}

/// The user asked to stop; what was done so far is saved.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; all that was done is saved, go on with:\n{resume}")]
struct Interrupted {
    resume: String,
}

impl Session {
    /// Loads the digits `digits` for exercise `exercise`, whose run folder is `runs/ex08` or alike, and writes the header.
    ///
    /// # Errors
    /// If digits were asked for that cannot be had, or threads cannot be started.
    pub fn start(exercise: &'static str, title: &str, args: Args, digits: RangeInclusive<u8>) -> anyhow::Result<Self> {
        let console = Console::new(args.json);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(args.threads().get())
            .build()
            .context("cannot start as many threads; ask for fewer with --threads")?;
        let digits_name = format!("digits {} to {}", digits.start(), digits.end());
        let all_digits = threads.install(|| data::load(&args.data_request(), &console.loading()))?;
        let folder = args
            .out
            .clone()
            .unwrap_or_else(|| format!("runs/ex{exercise:0>2}").into());
        // Not earlier: until here nothing would heed it, and Ctrl-C should end a download at once.
        let interrupt = Interrupt::listen();
        let session = Self {
            console,
            digits: all_digits.only(digits),
            exercise,
            digits_name,
            folder,
            interrupt,
            threads,
            parts: Map::new(),
            args,
        };
        session.write_header(title);
        Ok(session)
    }

    fn write_header(&self, title: &str) {
        let Digits {
            source,
            origin,
            train,
            validation,
            test,
        } = &self.digits;
        let args = &self.args;
        let [train, validation, test] = [train, validation, test].map(|set| thousands(set.len()));
        let build = if cfg!(debug_assertions) {
            "debug (slow)"
        } else {
            "release"
        };
        self.console.result(format_args!("Exercise {}: {title}", self.exercise));
        self.console.result(format_args!("dataset: {source}, {origin}"));
        self.console.result(format_args!(
            "{}: {train} train, {validation} validation, {test} test",
            self.digits_name
        ));
        let seeds = if args.seeds.get() > 1 {
            format!(" and the next {}", args.seeds.get() - 1)
        } else {
            String::new()
        };
        let quick = if args.quick {
            ", quick: every part is cut short"
        } else {
            ""
        };
        let threads = args.threads();
        self.console.result(format_args!(
            "seed: {}{seeds}, threads: {threads}, build: {build}{quick}",
            args.seed
        ));
    }

    /// Trains a network a seed on the session's digits, as many at once as there are threads, and evaluates each once on the
    /// test rows.
    ///
    /// Each fit saves itself in a folder of its own, `PART/seed-N`, and goes on from there with `--resume`.
    ///
    /// # Errors
    /// If a fit diverges or cannot be saved or resumed, or the user interrupts it.
    pub fn train_each_seed<M, const CLASSES: usize>(
        &self,
        part: &str,
        defaults: TrainingDefaults,
        network: impl Fn(u64) -> M + Sync,
    ) -> anyhow::Result<Vec<SeedRun<M>>>
    where
        M: Classifier<PIXELS, CLASSES> + Send,
    {
        let train = |seed: u64| self.train(part, defaults, seed, network(seed));
        self.threads
            .install(|| self.args.all_seeds().into_par_iter().map(train).collect())
    }

    fn train<M, const CLASSES: usize>(
        &self,
        part: &str,
        defaults: TrainingDefaults,
        seed: u64,
        network: M,
    ) -> anyhow::Result<SeedRun<M>>
    where
        M: Classifier<PIXELS, CLASSES>,
    {
        if self.interrupt.asked() {
            return Err(self.interrupted());
        }
        let label = match self.args.seeds.get() {
            1 => format!("{}{part}", self.exercise),
            _ => format!("{}{part} seed {seed}", self.exercise),
        };
        let folder = self.open_run_folder(part, seed, &label)?;
        let settings = self.args.settings(defaults, seed);
        let mut progress = FitProgress::new(&self.console, self.interrupt, label.clone(), settings.patience.get());
        let fitted = fit(
            network,
            &self.digits.train,
            &self.digits.validation,
            &settings,
            Some(&folder),
            &mut progress,
        )
        .map_err(|error| explain(error, &label))?;
        match fitted.ending {
            Ending::Interrupted => return Err(self.interrupted()),
            Ending::Diverged { epoch } => {
                bail!("{label}: diverged at epoch {epoch}: the loss is no longer finite; try a smaller --learning-rate")
            }
            Ending::EarlyStopping | Ending::EpochLimit => {}
        }
        let test = evaluate(&fitted.network, &self.digits.test)?;
        Ok(SeedRun {
            seed,
            folder,
            fitted,
            test,
        })
    }

    fn open_run_folder(&self, part: &str, seed: u64, label: &str) -> anyhow::Result<RunFolder> {
        let path = self.folder.join(part).join(format!("seed-{seed}"));
        let dataset = format!("{}, {}", self.digits.source.label(), self.digits_name);
        let (folder, opened) = RunFolder::open(&path, &dataset, self.args.checkpoint_every.get(), self.args.resume)
            .context("cannot use the run folder; name another with --out")?;
        match opened {
            Opened::Resuming => self
                .console
                .notice(format_args!("{label}: goes on from {}", folder.last().display())),
            Opened::SetAside(previous) => {
                self.console.notice(format_args!(
                    "{label}: an earlier run was moved to {}",
                    previous.display()
                ));
            }
            Opened::Empty if self.args.resume => {
                self.console.notice(format_args!(
                    "{label}: nothing to resume in {}, starts afresh",
                    path.display()
                ));
            }
            Opened::Empty => {}
        }
        Ok(folder)
    }

    fn interrupted(&self) -> anyhow::Error {
        Interrupted {
            resume: resume_command(),
        }
        .into()
    }

    /// Writes a line of results.
    pub fn result(&self, line: impl Display) {
        self.console.result(line);
    }

    /// Adds what a part found to the JSON document.
    pub fn add_part(&mut self, part: &str, results: Value) {
        self.parts.insert(part.to_owned(), results);
    }

    /// Writes the JSON document, if it was asked for.
    pub fn finish(self) {
        self.console.document(&json!({
            "exercise": self.exercise,
            "dataset": self.digits.source.key(),
            "seed": self.args.seed,
            "seeds": self.args.seeds,
            "threads": self.args.threads(),
            "quick": self.args.quick,
            "parts": self.parts,
        }));
    }
}

/// Adds which fit an error ended, and what to do if it could not be saved.
fn explain(error: Error, label: &str) -> anyhow::Error {
    let explanation = match &error {
        Error::Io { action: "write", .. } => {
            format!("{label} stopped, its last checkpoint is whole; make room for the next and go on with --resume")
        }
        _ => format!("{label} stopped"),
    };
    anyhow::Error::new(error).context(explanation)
}

/// Gathers the results of runs from several seeds in one row.
pub fn rows<M>(runs: &[SeedRun<M>]) -> Rows {
    Rows::new(runs.iter().map(|run| Row::new(&run.fitted, &run.test)).collect())
}

/// Returns this very command line, with `--resume`.
fn resume_command() -> String {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words
        .filter(|word| word != "--resume")
        .chain(["--resume".to_owned()])
        .collect();
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

/// Turns how a program ended into its exit status, and says why it ended early: 0 done, 1 failed, 130 interrupted.
pub fn exit_status(ended: anyhow::Result<()>) -> ExitCode {
    let Err(error) = ended else { return ExitCode::SUCCESS };
    let (text, status) = match error.downcast_ref::<Interrupted>() {
        Some(interrupted) => (interrupted.to_string(), ExitCode::from(INTERRUPTED)),
        None => (format!("error: {error:#}"), ExitCode::FAILURE),
    };
    // Nobody may be left to read it.
    drop(writeln!(io::stderr(), "{text}"));
    status
}
