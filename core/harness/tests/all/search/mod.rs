//! Searches whose trials end as a formula says, so that thousands of them cost nothing.

mod ranking;
mod records;
mod status;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use ch11_core::train::{Recipe, Settings};
use ch11_harness::search::{FoldCount, Journal, Opened, Outcome, Ranking, Record, Search, Shard, Space, Trial};

fn number(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn folds(folds: usize) -> FoldCount {
    FoldCount::new(folds).unwrap()
}

fn search(candidates: usize, halving: bool) -> Search {
    let space = "width = [10, 20, 30, 40, 50]\nbatch_size = [10, 20, 30, 40]\nlearning_rate = [0.1, 0.2, 0.3]";
    let settings = Recipe {
        batch_size: number(50),
        ema_decay: None,
        epochs: number(100),
        patience: number(5),
        ..Recipe::DEEP_NET
    }
    .seeded(42);
    let space = Space::from_toml(space).unwrap();
    Search { space, candidates: number(candidates), folds: folds(3), halving, settings, data: "drawn".to_owned() }
}

/// Candidates get worse with their number, except that every seventh diverges; more epochs make all better.
fn run(trial: Trial) -> Record {
    let Trial { candidate, fold, epochs } = trial;
    let outcome = if candidate % 7 == 6 {
        Outcome::Diverged { epoch: 3 }
    } else {
        let score = (candidate * 29 % 60) as f64 + 0.1 * fold as f64 - 1.0 / epochs.get() as f64;
        Outcome::of(score / 61.0, 1.0 / (1.3 + score), 2)
    };
    Record { trial, outcome, epochs: 5, seconds: Duration::from_millis(100).into(), processor: None }
}

/// Runs missing trials, at most `most` of them, and returns their number.
fn go_on(journal: &Journal, search: &Search, shard: Option<Shard>, most: usize) -> usize {
    let mut done = 0;
    loop {
        let mine = |trial: &Trial| shard.is_none_or(|shard| shard.takes(trial.number(search.folds)));
        let trials: Vec<Trial> = search.next_trials(&journal.records()).into_iter().filter(mine).collect();
        if trials.is_empty() || done == most {
            return done;
        }
        // From the end: the order must not matter.
        for trial in trials.into_iter().rev().take(most - done) {
            journal.add(run(trial)).unwrap();
            done += 1;
        }
    }
}

fn open(path: &Path, search: &Search, shard: Option<Shard>, resume: bool) -> (Journal, Opened) {
    Journal::open(path, search, shard, resume).unwrap()
}

fn whole(search: &Search) -> Ranking {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(&folder.path().join("search"), search, None, false);
    assert_eq!(go_on(&journal, search, None, usize::MAX), search.trial_count());
    Ranking::new(search, &journal.records())
}

#[test]
fn a_search_that_was_cut_off_anywhere_repeats_nothing_and_ends_the_same() {
    for halving in [false, true] {
        let search = search(10, halving);
        let expected = whole(&search);
        for cut in 0..search.trial_count() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("search");
            let (journal, _) = open(&path, &search, None, false);
            go_on(&journal, &search, None, cut);
            drop(journal);
            let (journal, opened) = open(&path, &search, None, true);
            assert_eq!(opened, if cut == 0 { Opened::Empty } else { Opened::Resuming { trials: cut } });
            assert_eq!(go_on(&journal, &search, None, usize::MAX), search.trial_count() - cut);
            assert_eq!(Ranking::new(&search, &journal.records()), expected, "cut off after {cut}");
        }
    }
}

#[test]
fn a_line_that_was_cut_off_anywhere_is_run_again() {
    let search = search(2, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let (journal, _) = open(&path, &search, None, false);
    go_on(&journal, &search, None, 2);
    drop(journal);
    let file = path.join("trials-1-of-1.jsonl");
    let bytes = fs::read(&file).unwrap();
    let first_line = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    for length in 0..=bytes.len() {
        fs::write(&file, &bytes[..length]).unwrap();
        let (journal, _) = open(&path, &search, None, true);
        let whole_lines = usize::from(length >= first_line) + usize::from(length == bytes.len());
        assert_eq!(journal.len(), whole_lines, "{length} bytes");
        go_on(&journal, &search, None, usize::MAX);
        drop(journal);
        let (journal, _) = open(&path, &search, None, true);
        assert_eq!(journal.len(), search.trial_count(), "{length} bytes");
    }
}

#[test]
fn shards_share_the_trials_and_merge_into_the_same_ranking() {
    let search = search(10, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|shard| shard.parse().unwrap()).to_vec();
    let journals: Vec<Journal> = shards.iter().map(|&shard| open(&path, &search, Some(shard), false).0).collect();
    let mut seen = BTreeSet::new();
    for (journal, &shard) in journals.iter().zip(&shards) {
        assert_eq!(go_on(journal, &search, Some(shard), usize::MAX), 10);
        seen.extend(
            search.next_trials(&journal.records()).into_iter().filter(|trial| shard.takes(trial.number(search.folds))),
        );
    }
    assert!(seen.is_empty());
    let again = Journal::open(&path, &search, Some(shards[0]), false).unwrap_err().to_string();
    assert!(again.contains("trials-1-of-3.jsonl: another process"), "{again}");
    let all = Journal::open(&path, &search, None, true).unwrap_err().to_string();
    assert!(all.contains("search: another process"), "{all}");
    drop(journals);
    let (journal, opened) = open(&path, &search, None, true);
    assert_eq!(opened, Opened::Resuming { trials: 30 });
    assert_eq!(go_on(&journal, &search, None, usize::MAX), 0);
    assert_eq!(Ranking::new(&search, &journal.records()), whole(&search));
}

#[test]
fn halving_spares_most_long_fits_and_finds_the_best() {
    let (full, halving) = (search(30, false), search(30, true));
    assert_eq!(full.trial_count(), 30 * 3);
    assert_eq!(halving.rungs(), [2, 6, 100].map(number));
    assert_eq!(halving.trial_count(), (30 + 10 + 4) * 3);
    let (full, halving) = (whole(&full), whole(&halving));
    assert_eq!(halving.best().unwrap().number, full.best().unwrap().number);
    let long = |ranking: &Ranking| ranking.rows().iter().filter(|row| row.records[0].trial.epochs.get() == 100).count();
    assert_eq!((long(&full), long(&halving)), (30, 4));
}

#[test]
fn another_search_is_refused_and_a_new_one_moves_it_aside() {
    let begun = search(5, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let (journal, _) = open(&path, &begun, None, false);
    go_on(&journal, &begun, None, 4);
    drop(journal);
    let others = [
        ("--candidates 5, asked to resume with 6", Search { candidates: number(6), ..begun.clone() }),
        ("--folds 3, asked to resume with 4", Search { folds: folds(4), ..begun.clone() }),
        ("--seed 42, asked", Search { settings: Settings { seed: 1, ..begun.settings }, ..begun.clone() }),
        ("the data drawn, asked", Search { data: "other".to_owned(), ..begun.clone() }),
        ("the space {", Search { space: Space::default(), ..begun.clone() }),
        ("--halving false, asked", Search { halving: true, ..begun.clone() }),
    ];
    for (says, other) in others {
        let error = Journal::open(&path, &other, None, true).unwrap_err().to_string();
        assert!(error.contains("search.json: begun with") && error.contains(says), "{error}");
    }
    let (journal, opened) = open(&path, &begun, None, false);
    let aside = folder.path().join("search.previous-1");
    assert_eq!((opened, journal.len()), (Opened::SetAside(aside.clone()), 0));
    assert_eq!(fs::read_to_string(aside.join("trials-1-of-1.jsonl")).unwrap().lines().count(), 4);
}

#[test]
fn a_damaged_journal_names_its_line() {
    let search = search(5, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let (journal, _) = open(&path, &search, None, false);
    go_on(&journal, &search, None, 3);
    drop(journal);
    let file = path.join("trials-1-of-1.jsonl");
    let good = fs::read_to_string(&file).unwrap();
    let line = |from: &str, to: &str| good.lines().next().unwrap().replacen(from, to, 1);
    for (bad, says) in [
        ("nonsense".to_owned(), "expected"),
        (String::new(), "EOF"),
        ("\u{fffd}\0".to_owned(), "expected value"),
        (line("\"candidate\":", "\"candidate\":99"), "candidate 99"),
        (line("\"fold\":", "\"fold\":7"), "fold 7"),
        (line("\"epochs\":100", "\"epochs\":101"), "101 epochs"),
        (line("\"epochs\":100", "\"epochs\":0"), "nonzero"),
        (line("\"accuracy\":", "\"accuracy\":null,\"x\":"), "invalid type"),
        (line("\"seconds\"", "\"secs\""), "unknown field `secs`"),
        (good.lines().next().unwrap()[..40].to_owned(), "EOF"),
    ] {
        fs::write(&file, format!("{good}{bad}\n{good}")).unwrap();
        let error = Journal::open(&path, &search, None, true).unwrap_err().to_string();
        assert!(error.contains("trials-1-of-1.jsonl, line 4: found ") && error.contains(says), "{bad}: {error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{good}{bad}\n{good}"), "it is left as it was");
    }
    fs::write(&file, &good).unwrap();
    fs::write(path.join("search.json"), "{").unwrap();
    let error = Journal::open(&path, &search, None, true).unwrap_err().to_string();
    assert!(error.contains("search.json: found EOF"), "{error}");
}

#[test]
fn a_score_that_is_not_finite_is_a_divergence_that_can_be_read_again() {
    let search = search(6, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let (journal, _) = open(&path, &search, None, false);
    for trial in search.next_trials(&journal.records()) {
        let loss = if trial.candidate == 3 { f64::INFINITY } else { 0.5 };
        journal.add(Record { outcome: Outcome::of(1.0 - 0.1 * trial.fold as f64, loss, 2), ..run(trial) }).unwrap();
    }
    let written = Ranking::new(&search, &journal.records());
    drop(journal);
    let (journal, opened) = open(&path, &search, None, true);
    assert_eq!(opened, Opened::Resuming { trials: search.trial_count() });
    let read = Ranking::new(&search, &journal.records());
    assert_eq!(read, written);
    assert_eq!((read.rows()[5].number, read.rows()[5].losses()), (3, None));
    drop(journal);

    // As an infinite loss was once written.
    let file = path.join("trials-1-of-1.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let once = text.replace(r#"{"diverged":{"epoch":2}}"#, r#"{"scored":{"accuracy":0.9,"loss":null,"best_epoch":2}}"#);
    assert_eq!(once.matches("null").count(), search.folds.get());
    fs::write(&file, once).unwrap();
    assert_eq!(Ranking::new(&search, &open(&path, &search, None, true).0.records()), written);
}
