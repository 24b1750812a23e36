//! How far a search and the fits from several seeds are.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ch11_core::shown;
use ch11_core::text::{align, harmless};
use ch11_core::train::FINAL;
use serde_json::{Value, json};

use crate::cli::{Exercise, unless_unread};
use crate::report::percent;
use crate::search::{Outcome, Record, ShardStatus, Status};

pub(super) const HELP: &str = "\
It only reads: it may be asked while other processes work, on any machine that sees the run folder.

Examples:
  BINARY status                      of the default run folder
  BINARY status --out DIR --json     for other programs";

/// The most fits that are named.
const MOST_NAMED: usize = 5;

/// The flags of `status`.
#[derive(Debug, Clone, clap::Args)]
pub struct StatusArgs {
    /// Run folder [default: runs/ex08, and so on]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write one JSON document to stdout
    #[arg(long)]
    json: bool,
}

/// The fits of a part, one from each seed.
struct Fits {
    name: String,
    begun: usize,
    ended: usize,
}

/// Writes how far the searches and the fits in the run folder are.
pub(super) fn run(exercise: &Exercise, args: &StatusArgs) -> anyhow::Result<()> {
    let folder = exercise.folder(args.out.as_deref());
    if !folder.is_dir() {
        bail!("{}: found no folder, expected a run folder; name one with --out", shown(&folder));
    }
    let (searches, fits) = (searches(&folder)?, fits(&folder));
    let text = if args.json {
        let searches: serde_json::Map<String, Value> =
            searches.iter().map(|(name, it)| (name.clone(), to_json(it))).collect();
        let fits: Vec<Value> =
            fits.iter().map(|it| json!({ "fit": it.name, "begun": it.begun, "ended": it.ended })).collect();
        json!({ "searches": searches, "fits": fits }).to_string()
    } else {
        let searches = searches.iter().map(|(name, it)| to_text(&format!("{}{name}", exercise.number), it));
        let fits = (!fits.is_empty()).then(|| table_of_fits(&fits));
        let all: Vec<String> = searches.chain(fits).collect();
        if all.is_empty() { format!("{}: nothing was begun here.", shown(&folder)) } else { all.join("\n\n") }
    };
    unless_unread(writeln!(io::stdout(), "{}", harmless(&text)).and_then(|()| io::stdout().flush()))
        .context("cannot write the status to stdout; write it elsewhere")
}

/// Reads the searches in a run folder, by name.
fn searches(folder: &Path) -> anyhow::Result<Vec<(String, Status)>> {
    let mut found = Vec::new();
    for path in subfolders(folder) {
        let status = Status::read(&path).context("cannot tell how far this search is")?;
        found.extend(status.map(|status| (name_of(&path).into_owned(), status)));
    }
    Ok(found)
}

/// Counts the fits in a run folder, by part.
fn fits(folder: &Path) -> Vec<Fits> {
    let mut found: Vec<Fits> = Vec::new();
    let mut folders = vec![folder.to_owned()];
    // Links may lead in a circle.
    let mut seen = HashSet::new();
    while let Some(path) = folders.pop() {
        if !seen.insert(path.canonicalize().ok()) {
            continue;
        }
        let seeds: Vec<PathBuf> = subfolders(&path).into_iter().filter(|it| is_of_a_seed(it)).collect();
        if seeds.is_empty() {
            folders.extend(subfolders(&path).into_iter().rev());
            continue;
        }
        let ended = seeds.iter().filter(|seed| seed.join(FINAL).exists()).count();
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        found.push(Fits { name, begun: seeds.len(), ended });
    }
    found
}

/// Lists the folders in a folder, and links to folders, sorted by name, without those that were moved aside.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir() && !name_of(path).contains(".previous-"));
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> Cow<'_, str> {
    folder.file_name().unwrap_or_default().to_string_lossy()
}

fn is_of_a_seed(folder: &Path) -> bool {
    name_of(folder).strip_prefix("seed-").is_some_and(|seed| seed.parse::<u64>().is_ok())
}

fn table_of_fits(fits: &[Fits]) -> String {
    let headings = ["fit", "seeds begun", "seeds done"].map(str::to_owned);
    let rows = fits.iter().map(|it| [it.name.clone(), it.begun.to_string(), it.ended.to_string()]);
    align([headings].into_iter().chain(rows), 1)
}

fn to_text(name: &str, status: &Status) -> String {
    let (done, missing, diverged) = (status.records.len(), status.missing(), status.diverged().count());
    let mut lines = vec![format!("{name}. Search: {done} fits are done, {missing} missing; {diverged} diverged.")];
    lines.extend((diverged > 0).then(|| format!("Diverged: {}.", named(status.diverged()))));
    if let (rung, rungs @ 2..) = status.rung() {
        lines.push(format!("Rung {rung} of {rungs}: a shard's missing fits are counted for this rung only."));
    }
    lines.push(match status.best() {
        Some(best) => format!(
            "Best so far: candidate {}, {}, {} on the held-out folds.",
            best.number,
            best.candidate,
            best.accuracies().map_or(String::new(), |it| percent(&it))
        ),
        None => "No candidate has finished all folds yet.".to_owned(),
    });
    lines.extend(status.records.mixture());
    let headings = ["shard", "done", "missing", "left", "working on it"].map(str::to_owned);
    let row = |it: &ShardStatus| {
        let left = status.seconds_left(it).map_or("-".to_owned(), minutes);
        [it.shard.to_string(), it.done.to_string(), it.missing.to_string(), left, working(it)]
    };
    lines.push(align([headings].into_iter().chain(status.shards.iter().map(row)), 1));
    lines.join("\n")
}

/// Names the first of some fits, and says how many more there are.
fn named<'a>(fits: impl Iterator<Item = &'a Record>) -> String {
    let mut names: Vec<String> =
        fits.map(|it| format!("candidate {} on fold {}", it.trial.candidate, it.trial.fold + 1)).collect();
    let more = names.split_off(MOST_NAMED.min(names.len())).len();
    let names = names.join(", ");
    if more == 0 { names } else { format!("{names}, and {more} more") }
}

/// Says who works on a share.
fn working(shard: &ShardStatus) -> String {
    match (&shard.worker, shard.is_alive) {
        (None, _) => "nobody".to_owned(),
        (Some(it), Some(true)) => format!("{}, process {}", it.host, it.process),
        (Some(it), Some(false)) => format!("nobody; process {} of {} ended early", it.process, it.host),
        (Some(it), None) => format!("{}, process {}, if it still runs", it.host, it.process),
    }
}

fn minutes(seconds: f64) -> String {
    if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}

fn to_json(status: &Status) -> Value {
    let shard = |it: &ShardStatus| {
        let worker = it.worker.as_ref().map(|worker| {
            json!({ "host": worker.host, "process": worker.process, "threads": worker.threads, "runs": it.is_alive })
        });
        json!({
            "shard": it.shard.to_string(),
            "done": it.done,
            "missing": it.missing,
            "seconds_left": status.seconds_left(it),
            "worker": worker,
        })
    };
    let best = status.best().map(|best| {
        json!({ "candidate": best.number, "values": best.candidate.to_json(), "accuracy": best.accuracies().map(|it| it.mean()) })
    });
    let diverged = status.diverged().map(|record| {
        let epoch = if let Outcome::Diverged { epoch } = record.outcome { epoch } else { 0 };
        json!({ "candidate": record.trial.candidate, "fold": record.trial.fold, "epoch": epoch })
    });
    json!({
        "done": status.records.len(),
        "missing": status.missing(),
        "rung": status.rung().0,
        "rungs": status.rung().1,
        "best": best,
        "diverged": diverged.collect::<Vec<_>>(),
        "shards": status.shards.iter().map(shard).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Finite, Trial};
    use std::num::NonZeroUsize;
    use std::time::Duration;

    #[test]
    fn the_first_of_many_fits_are_named() {
        let fit = |fold| {
            let trial = Trial { epochs: NonZeroUsize::MIN, candidate: 3, fold };
            let (outcome, seconds) = (Outcome::Diverged { epoch: 1 }, Finite::from(Duration::ZERO));
            Record { trial, outcome, epochs: 1, seconds, processor: None }
        };
        let fits: Vec<Record> = (0..8).map(fit).collect();
        assert_eq!(named(fits[..2].iter()), "candidate 3 on fold 1, candidate 3 on fold 2");
        assert!(named(fits[..MOST_NAMED].iter()).ends_with("candidate 3 on fold 5"));
        assert!(named(fits.iter()).ends_with("candidate 3 on fold 5, and 3 more"));
    }
}
