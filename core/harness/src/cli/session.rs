//! One run of a binary: its flags, its digits, its results.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ch11_core::data::{Digits, Source};
use ch11_core::metrics::{Evaluation, SpreadsByEpoch};
use ch11_core::nets::AnyNetwork;
use ch11_core::text::thousands;
use ch11_core::train::SharedThreads;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::divergence::unless_diverged;
use super::held::Held;
use super::loading::name_of;
use super::{Args, Console, Exercise, Interrupt, threads};
use crate::report::{ClassifierView, Comparison, Curve, Findings, FitCurves, Report};

/// One run of a binary: its flags, its digits, its results.
#[derive(Debug)]
pub struct Session {
    /// The flags.
    pub args: Args,
    /// The digits of the exercise, renumbered from 0.
    pub digits: Digits,
    /// The report, which grows as parts end.
    pub report: Report,
    /// The number of the exercise.
    pub(super) exercise: &'static str,
    pub(super) title: String,
    pub(super) first_digit: u8,
    pub(super) digits_name: String,
    pub(super) folder: PathBuf,
    pub(super) console: Console,
    pub(super) interrupt: Interrupt,
    pub(super) threads: rayon::ThreadPool,
    pub(super) shared_threads: SharedThreads,
    pub(super) started: Instant,
    pub(super) fits: Mutex<FitCurves>,
    pub(super) spreads: Mutex<BTreeMap<(String, u64), SpreadsByEpoch>>,
    pub(super) held: Mutex<Held>,
    pub(super) facts: Vec<Fact>,
    pub(super) parts: Map<String, Value>,
    pub(super) comparisons: Vec<Comparison>,
}

/// A fact about the whole run.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) document: Value,
}

/// The build profile, for the header and the report.
pub(super) const BUILD: &str = if cfg!(debug_assertions) { "debug (slow)" } else { "release" };

impl Session {
    /// Loads the digits of an exercise and writes the header.
    ///
    /// # Errors
    /// If digits were asked for that cannot be had, or are too few, or threads cannot be started.
    pub fn start(exercise: &Exercise, title: &str, args: Args) -> anyhow::Result<Self> {
        let started = Instant::now();
        let interrupt = Interrupt::listen();
        let console = Console::new(args.json);
        let threads = threads::start(args.threads())?;
        let digits = threads.install(|| console.load_only(&exercise.digits, &args.data_request(), &interrupt))?;
        let folder = exercise.folder(args.out.as_deref());
        // This thread will train, as the others will; what it computes in between is no different.
        dfdx::flush_denormals_to_zero();
        let session = Self {
            args,
            digits,
            report: Report::default(),
            exercise: exercise.number,
            title: title.to_owned(),
            first_digit: *exercise.digits.start(),
            digits_name: name_of(&exercise.digits),
            folder,
            console,
            interrupt,
            shared_threads: SharedThreads::new(threads.current_num_threads()),
            threads,
            started,
            fits: Mutex::default(),
            spreads: Mutex::default(),
            held: Mutex::default(),
            facts: Vec::new(),
            parts: Map::new(),
            comparisons: Vec::new(),
        };
        session.print_header();
        Ok(session)
    }

    /// Loads other digits from the same source, renumbered from 0.
    ///
    /// # Errors
    /// As [`data::load`](ch11_core::data::load), if one of them is not there, or if the user interrupts it.
    pub fn load(&self, digits: RangeInclusive<u8>) -> anyhow::Result<Digits> {
        let request = self.args.data_request();
        self.threads.install(|| self.console.load_only(&digits, &request, &self.interrupt))
    }

    /// Writes a line about what is going on.
    pub fn notice(&self, line: impl Display) {
        self.console.notice(line);
    }

    fn print_header(&self) {
        let Digits { source, origin, train, validation, test } = &self.digits;
        let [train, validation, test] = [train, validation, test].map(|set| thousands(set.len()));
        let args = &self.args;
        let seeds = match (args.seeds.get() - 1, args.shard) {
            (0, _) => String::new(),
            (next, None) => format!(" and the next {next}"),
            (next, Some(shard)) => {
                format!(" and the next {next}, of which shard {shard} has {}", args.all_seeds().len())
            }
        };
        let quick = if args.quick { ", quick: every part is cut short" } else { "" };
        self.print(format_args!("Exercise {}: {}", self.exercise, self.title));
        self.print(format_args!("dataset: {source}, {origin}"));
        let share =
            if *source == Source::Idx { "; for validation, the first twelfth of the training file" } else { "" };
        self.print(format_args!("{}: {train} train, {validation} validation, {test} test{share}", self.digits_name));
        self.print(format_args!("seed: {}{seeds}, threads: {}, build: {BUILD}{quick}", args.seed, args.threads()));
    }

    /// Prints a line of results.
    pub fn print(&self, line: impl Display) {
        self.console.result(line);
    }

    /// Says something of the whole run: as a line of the header, in the report, and in the JSON document.
    pub fn add_fact(&mut self, name: &'static str, text: String, document: Value) {
        self.print(format_args!("{name}: {text}"));
        self.facts.push(Fact { name, text, document });
    }

    /// Begins a part, `8d`, under a title, which it prints.
    pub fn begin(&self, part: &str, title: &str) -> Findings {
        let findings = Findings::new(part, title);
        self.print(format_args!("\n{}", findings.heading()));
        findings
    }

    /// Ends a part: prints what it found, and adds that to the report and to the JSON document. What it asks is answered at the end of the
    /// run.
    pub fn conclude(&mut self, findings: Findings) {
        self.print(findings.to_text());
        self.record(&findings);
        self.report.add(findings);
    }

    /// Adds what a part found to the JSON document, and what it asks to the questions that are answered at the end of the run.
    pub fn record(&mut self, findings: &Findings) {
        self.parts.insert(findings.letter().to_owned(), findings.to_json());
        self.comparisons.extend_from_slice(findings.comparisons());
    }

    /// Collects what the report shows of a classifier that was tested on this session's test digits.
    pub fn view_of(&self, network: &dyn AnyNetwork, test: &Evaluation) -> ClassifierView {
        ClassifierView::of(network, test, &self.digits.test, self.first_digit)
    }

    /// Returns the folder of a part, or of a fit of it, in the run folder.
    pub fn folder_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Does something for each item, as many at once as there are threads, and returns what it made of them, in their order.
    /// A thread that is free begins with the first item that nobody has begun with: the longest should come first.
    ///
    /// # Errors
    /// That of the first item, in their order, that failed; the others are done all the same.
    pub fn side_by_side<I: Sync, T: Send>(
        &self,
        items: &[I],
        make: impl Fn(&I) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<T>> {
        let in_order = items.iter().enumerate().par_bridge();
        let mut made: Vec<_> = self.threads.install(|| in_order.map(|(at, item)| (at, make(item))).collect());
        made.sort_by_key(|(at, _)| *at);
        made.into_iter().map(|(_, made)| made).collect()
    }

    /// Does the same, and leaves out fits that diverged, with a notice, unless all did.
    ///
    /// # Errors
    /// The first error that is not a divergence; if all diverged, the first one's.
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

    pub(super) fn add_fit(&self, name: &str, seed: u64, curve: Curve) {
        self.fits.lock().unwrap_or_else(PoisonError::into_inner).add(name, seed, curve);
    }

    pub(super) fn add_spreads(&self, name: &str, seed: u64, spreads: SpreadsByEpoch) {
        self.spreads.lock().unwrap_or_else(PoisonError::into_inner).insert((name.to_owned(), seed), spreads);
    }

    /// Returns how activations and gradients spread in a fit from the first seed after each epoch; nothing unless that was
    /// measured, with `--tensorboard`.
    pub fn spreads_of(&self, fit: &str) -> SpreadsByEpoch {
        let spreads = self.spreads.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = self.args.all_seeds().first().copied();
        seed.and_then(|seed| spreads.get(&(fit.to_owned(), seed)).cloned()).unwrap_or_default()
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn interrupted(&self) -> anyhow::Error {
        self.interrupt.with_all_saved().into()
    }
}
