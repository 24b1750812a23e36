//! One run of a binary: its flags, its digits, its results.

use std::fmt::Display;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use serde_json::{Map, Value, json};

use super::interrupt::Interrupted;
use super::room::Held;
use super::{Args, Console, Exercise, Interrupt, threads};
use crate::report::{Curve, Fits, Report, learning_curves};
use ch11_core::data::{Dataset, Digits, PIXELS, Source};
use ch11_core::disk::make_folder;
use ch11_core::text::thousands;
use ch11_core::text::{harmless, shown};

/// One run of a binary: its flags, its digits, its results.
#[derive(Debug)]
pub struct Session {
    /// The flags.
    pub args: Args,
    /// The digits of the exercise, renumbered from 0.
    pub digits: Digits,
    /// What the page shows that the run leaves.
    pub report: Report,
    /// What the results are called and where they are kept.
    pub(super) exercise: &'static str,
    pub(super) title: String,
    pub(super) first_digit: u8,
    pub(super) digits_name: String,
    pub(super) folder: PathBuf,
    pub(super) console: Console,
    pub(super) interrupt: Interrupt,
    pub(super) threads: rayon::ThreadPool,
    pub(super) started: Instant,
    pub(super) fits: Mutex<Fits>,
    pub(super) held: Mutex<Held>,
    pub(super) facts: Vec<Fact>,
    parts: Map<String, Value>,
}

/// Something that is said of a whole run.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) text: String,
    document: Value,
}

/// What the compiler was asked for.
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
        let (first_digit, last_digit) = (*exercise.digits.start(), *exercise.digits.end());
        let digits_name = format!("digits {first_digit} to {last_digit}");
        let all_digits = threads.install(|| console.load_digits(&args.data_request(), &interrupt))?;
        let digits = all_digits.only(exercise.digits.clone());
        must_have_all(&console, &digits, &digits_name, first_digit)?;
        let folder = exercise.folder(args.out.as_deref());
        // This thread will train, as the others will; what it computes in between is no different.
        dfdx::flush_denormals_to_zero();
        let session = Self {
            args,
            digits,
            report: Report::default(),
            exercise: exercise.number,
            title: title.to_owned(),
            first_digit,
            digits_name,
            folder,
            console,
            interrupt,
            threads,
            started,
            fits: Mutex::default(),
            held: Mutex::default(),
            facts: Vec::new(),
            parts: Map::new(),
        };
        session.print_header();
        Ok(session)
    }

    /// Loads other digits than the exercise's own from where those came from, renumbered from 0.
    ///
    /// # Errors
    /// As [`data::load`](ch11_core::data::load), if one of them is not there, or if the user interrupts it.
    pub fn load(&self, digits: RangeInclusive<u8>) -> anyhow::Result<Digits> {
        let request = self.args.data_request();
        let (first, name) = (*digits.start(), format!("digits {} to {}", digits.start(), digits.end()));
        let digits = self.threads.install(|| self.console.load_digits(&request, &self.interrupt))?.only(digits);
        must_have_all(&self.console, &digits, &name, first)?;
        Ok(digits)
    }

    /// Writes a line about what is going on.
    pub fn notice(&self, line: impl Display) {
        self.console.notice(line);
    }

    fn print_header(&self) {
        let Digits { source, origin, train, validation, test } = &self.digits;
        let [train, validation, test] = [train, validation, test].map(|set| thousands(set.len()));
        let args = &self.args;
        let seeds =
            if args.seeds.get() > 1 { format!(" and the next {}", args.seeds.get() - 1) } else { String::new() };
        let quick = if args.quick { ", quick: every part is cut short" } else { "" };
        self.print(format_args!("Exercise {}: {}", self.exercise, self.title));
        self.print(format_args!("dataset: {source}, {origin}"));
        let share =
            if *source == Source::Idx { "; for validation, the first twelfth of the training file" } else { "" };
        self.print(format_args!("{}: {train} train, {validation} validation, {test} test{share}", self.digits_name));
        self.print(format_args!("seed: {}{seeds}, threads: {}, build: {BUILD}{quick}", args.seed, args.threads()));
    }

    /// Saves a picture, an SVG document, in a part's folder as `name.svg`, and returns where that is. One of an earlier run is moved aside.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save_picture(&self, part: &str, name: &str, svg: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder_of(part);
        let path = [folder.join(format!("{name}.svg"))];
        make_folder(&folder).and_then(|()| self.replace(&path, &[svg.into()])).with_context(|| {
            format!("cannot save the picture {name}.svg; make the run folder writable, or name another with --out")
        })?;
        let [path] = path;
        Ok(path)
    }

    /// Saves the learning curves of some fits in a part's folder, and says where they are.
    ///
    /// # Errors
    /// If they cannot be drawn or written.
    pub fn save_learning_curves(&self, part: &str, title: &str, curves: &[Curve]) -> anyhow::Result<()> {
        let svg = learning_curves(title, curves)
            .map_err(|error| anyhow!("cannot draw the learning curves of part {part}: {error}"))?;
        let path = self.save_picture(part, "learning-curves", &svg)?;
        self.print(format_args!("Learning curves are in {}.", shown(path)));
        Ok(())
    }

    /// Tells whether the digits are MNIST, so that results may be compared with what others got on it.
    pub fn is_mnist(&self) -> bool {
        self.digits.source == Source::Mnist
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

    /// Adds what a part found to the JSON document.
    pub fn add_part(&mut self, part: &str, results: Value) {
        self.parts.insert(part.to_owned(), results);
    }

    /// Writes the report of the parts that were run, and the JSON document if it was asked for and all of them `ended` well.
    ///
    /// # Errors
    /// That of the parts; or if the report or the document cannot be written though there is somebody to read it; the other is, all the
    /// same.
    pub fn finish(self, ended: anyhow::Result<()>) -> anyhow::Result<()> {
        let reported = self.write_report();
        if let (Err(_), Err(error)) = (&ended, &reported) {
            self.notice(format_args!("{error:#}"));
        }
        ended?;
        let mut document = json!({
            "exercise": self.exercise,
            "dataset": self.digits.source.key(),
            "seed": self.args.seed,
            "seeds": self.args.seeds,
            "threads": self.args.threads(),
            "quick": self.args.quick,
            "parts": self.parts,
        });
        for Fact { name, document: fact, .. } in &self.facts {
            document[*name] = fact.clone();
        }
        self.console.finish(&document).context(
            "cannot write the results to stdout; write them elsewhere, with --resume to be spared the training",
        )?;
        reported
    }

    pub(super) fn interrupted(&self) -> anyhow::Error {
        self.interrupt.with_all_saved().into()
    }
}

/// Checks that there is an image of each digit to train on and to test on, and any to validate on; tells of digits that are not validated.
fn must_have_all(console: &Console, digits: &Digits, digits_name: &str, first_digit: u8) -> anyhow::Result<()> {
    let Digits { source, origin, train, validation, test } = digits;
    let missing = |set: &Dataset<PIXELS>| -> Vec<String> {
        let counts = (first_digit..).zip(set.class_counts());
        counts.filter(|(_, count)| *count == 0).map(|(digit, _)| digit.to_string()).collect()
    };
    for (set, what) in [(train, "train on"), (test, "test on")] {
        if let Some(digit) = missing(set).first() {
            bail!(
                "{source}, {origin}: found no image of a {digit} to {what}, expected one at least of each of the {digits_name}; take another data set"
            );
        }
    }
    if validation.is_empty() {
        bail!(
            "{source}, {origin}: found no {digits_name} among the first twelfth of the training images, which is to validate on; take another data set, or put its images in another order"
        );
    }
    let unvalidated = missing(validation);
    if !unvalidated.is_empty() {
        console.notice(format_args!(
            "{source}, {origin}: the first twelfth of the training images, which is to validate on, has no image of {}; put the images in another order, such as a random one, to validate on all of the {digits_name}",
            unvalidated.join(", ")
        ));
    }
    Ok(())
}

/// Turns how a program ended into its exit status, and says why it ended early: 0 done, 1 failed, 129, 130 or 143 interrupted.
pub(super) fn exit_status(ended: anyhow::Result<()>) -> ExitCode {
    let Err(error) = ended else { return ExitCode::SUCCESS };
    let (text, status) = match error.downcast_ref::<Interrupted>() {
        Some(interrupted) => (interrupted.to_string(), ExitCode::from(interrupted.status)),
        None => (format!("error: {error:#}"), ExitCode::FAILURE),
    };
    // Nobody may be left to read it.
    drop(writeln!(io::stderr(), "{}", harmless(&text)));
    status
}
