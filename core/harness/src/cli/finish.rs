//! What a run leaves for people and for other programs: a page, the curves of its fits, a JSON document.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::{Context, anyhow};
use ch11_core::Error;
use ch11_core::disk::{Lock, MovedAside, make_folder, persist_all};
use ch11_core::text::{command_line, shown, thousands};
use serde_json::json;

use super::Session;
use super::held::usable;
use super::help::program;
use super::session::{BUILD, Fact};
use crate::report::{Findings, Verdict, answer_all, letter_of, over_labels};

/// How long a process waits for another to have written its report.
const PATIENCE: Duration = Duration::from_secs(5);

impl Session {
    /// Answers what the parts have asked, and writes the report of the parts that were run, and the JSON document if it was asked for and all of them `ended` well.
    ///
    /// # Errors
    /// That of the parts; or if the report or the document cannot be written though there is somebody to read it; the other is, all the
    /// same.
    pub fn finish(mut self, ended: anyhow::Result<()>) -> anyhow::Result<()> {
        // A share of the fits answers no question.
        let reported = if self.args.shard.is_some() {
            Ok(())
        } else {
            self.answer();
            self.write_report()
        };
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
        if let Some(shard) = self.args.shard {
            document["shard"] = shard.to_string().into();
            self.print(format_args!("\nShard {shard} is done. When all shards are, the same command with --resume instead of --shard puts them together."));
        }
        self.console.finish(&document).context(
            "cannot write the results to stdout; send the output elsewhere, with --resume, and nothing is trained again",
        )?;
        reported
    }

    /// Answers what the parts have asked, all of it together: as text, on the page, and in the JSON of the part that asked.
    fn answer(&mut self) {
        let verdicts = answer_all(std::mem::take(&mut self.comparisons));
        if verdicts.is_empty() {
            return;
        }
        for (letter, part) in &mut self.parts {
            let own: Vec<_> = verdicts.iter().filter(|verdict| letter_of(verdict.part()) == letter).collect();
            if !own.is_empty() {
                part["verdicts"] = own.into_iter().map(Verdict::to_json).collect();
            }
            if let Some((_, sentence)) = over_labels(&verdicts).into_iter().find(|(part, _)| letter_of(part) == letter)
            {
                part["over_labels"] = sentence.into();
            }
        }
        let findings = Findings::new("", &format!("{}. Verdicts", self.exercise)).verdicts(verdicts);
        self.print(format_args!("\n{}\n{}", findings.heading(), findings.to_text()));
        self.report.add(findings);
    }

    /// Tells whether an earlier run has left a page or curves.
    pub(super) fn has_report(&self) -> bool {
        self.report_files().iter().any(|path| path.exists())
    }

    /// Moves the page and the curves of an earlier run aside; whoever does it holds the lock of the report.
    pub(super) fn move_report_aside(&self, moved: &mut MovedAside) -> anyhow::Result<()> {
        moved.files(&self.report_files()).context(
            "cannot move the report of an earlier run; make the run folder writable, or name another with --out",
        )
    }

    /// Writes the page and the curves, if there is something to show, and says where they are. Those of a run that has ended in the
    /// meantime are moved aside, unless this one goes on with an earlier one.
    pub(super) fn write_report(&self) -> anyhow::Result<()> {
        if !self.report.has_results() {
            return Ok(());
        }
        let page = self.report.to_html(&format!("Exercise {}: {}", self.exercise, self.title), &self.facts());
        let fits = self.fits.lock().unwrap_or_else(PoisonError::into_inner);
        let unwritten = |error| anyhow!("cannot write the curves: {error}");
        let lines = fits.to_json_lines().map_err(unwritten)?;
        usable(make_folder(&self.folder), "--out")?;
        let _lock = self.lock_report()?;
        let contents = [page.into_bytes(), fits.to_csv().map_err(unwritten)?, lines.into_bytes()];
        self.replace(&self.report_files(), &contents).map_err(unsaved)?;
        self.print(format_args!("\nThe report is in {}.", shown(&self.report_files()[0])));
        Ok(())
    }

    /// Writes files; those of an earlier run are moved aside, unless this one goes on with it.
    pub(super) fn replace(&self, paths: &[PathBuf], contents: &[Vec<u8>]) -> ch11_core::Result<()> {
        let mut moved = MovedAside::default();
        if !self.args.resume || self.held().starts_afresh {
            moved.files(paths)?;
        }
        persist_all(paths.iter().map(PathBuf::as_path).zip(contents.iter().map(Vec::as_slice)))?;
        moved.keep();
        Ok(())
    }

    fn report_files(&self) -> [PathBuf; 3] {
        ["report.html", "curves.csv", "curves.jsonl"].map(|name| self.folder.join(name))
    }

    /// Parts may end at once in two processes; each holds the report for a moment.
    pub(super) fn lock_report(&self) -> anyhow::Result<Lock> {
        usable(Lock::within(&self.folder.join("report"), PATIENCE), "--out")
    }

    /// What the page says of the run. It names no folder but those on the command line.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let (args, digits) = (&self.args, &self.digits);
        let seeds = match args.seeds.get() {
            1 => args.seed.to_string(),
            seeds => format!("{} and the next {}; pictures and curves are the first one's", args.seed, seeds - 1),
        };
        let [train, validation, test] =
            [&digits.train, &digits.validation, &digits.test].map(|set| thousands(set.len()));
        let mut facts = vec![
            ("dataset", digits.source.to_string()),
            ("digits", format!("{}: {train} train, {validation} validation, {test} test", self.digits_name)),
            (if args.seeds.get() == 1 { "seed" } else { "seeds" }, seeds),
            ("threads", args.threads().to_string()),
            ("build", format!("{}, {}", env!("CARGO_PKG_VERSION"), BUILD)),
            (
                "took",
                format!(
                    "{:.1} s{}",
                    self.started.elapsed().as_secs_f64(),
                    if args.quick { ", quick: every part is cut short" } else { "" }
                ),
            ),
            ("command", command()),
        ];
        facts.extend(self.facts.iter().map(|fact| (fact.name, fact.text.clone())));
        facts
    }
}

/// Says what to do about a report that cannot be saved.
fn unsaved(error: Error) -> anyhow::Error {
    let remedy = match error {
        Error::InTheWay { .. } => "move what is in its place away, or name another run folder with --out",
        _ => "make the run folder writable, or name another with --out",
    };
    anyhow::Error::new(error).context(format!("cannot save the report; {remedy}"))
}

/// Returns the command line without the folder of the program.
fn command() -> String {
    command_line(std::iter::once(program().into()).chain(std::env::args_os().skip(1)))
}
