//! A search on a disk that fails, and one that begins while it is read.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ch11_core::disk::MovedAside;
use ch11_core::disk::faults::{FAULTS, assert_tells, at_every_call, without_fault};
use ch11_core::train::{Decay, Recipe, Settings};

use super::{FoldCount, HeldJournal, Journal, Outcome, Ranking, Record, Search, Space, Status, Trial};
use crate::Error;

fn number(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn settings() -> Settings {
    Recipe {
        learning_rate: 0.01,
        batch_size: number(8),
        ema_decay: Decay::new(0.9),
        epochs: number(4),
        patience: number(4),
        ..Recipe::DEEP_NET
    }
    .seeded(7)
}

fn search() -> Search {
    let space = Space::from_toml("width = [10, 20, 30]\nlearning_rate = [0.1, 0.2]").unwrap();
    Search {
        space,
        candidates: number(4),
        folds: FoldCount::new(2).unwrap(),
        halving: false,
        settings: settings(),
        data: "drawn".to_owned(),
    }
}

fn record(trial: Trial) -> Record {
    let score = (trial.candidate * 5 % 4 + trial.fold) as f64 / 10.0;
    let outcome = Outcome::of(score, 1.0 - score, 1 + trial.candidate);
    Record { trial, outcome, epochs: 5, seconds: Duration::from_millis(100).into(), processor: None }
}

/// Runs the missing trials of a search, and returns those that were certainly written. Like threads that do not know of
/// each other, it goes on after a trial that could not be written.
fn go_on(folder: &Path) -> ch11_core::Result<Vec<Trial>> {
    let search = search();
    let opened = Journal::open(folder, &search, None, true);
    let (journal, _) = opened.map_err(|error| match error {
        Error::Core(error) => error,
        other => panic!("not the disk's: {other}"),
    })?;
    let mut trials = search.next_trials(&journal.records());
    trials.retain(|&trial| journal.add(record(trial)).is_ok());
    Ok(trials)
}

#[test]
fn a_search_whose_disk_fails_at_any_call_loses_no_trial_and_repeats_none() {
    let whole = tempfile::tempdir().unwrap();
    assert_eq!(go_on(&whole.path().join("search")).unwrap().len(), 8);
    let ranking = |folder: &Path| {
        let (journal, _) = without_fault(|| Journal::open(folder, &search(), None, true)).unwrap();
        Ranking::new(&search(), &journal.records())
    };
    for fault in FAULTS {
        let run = |place: &Path| go_on(&place.join("search"));
        let calls = at_every_call(
            fault,
            |_| {},
            run,
            |place, written, what| {
                assert_tells(fault, &written, what);
                let folder = place.join("search");
                let again = without_fault(|| go_on(&folder)).unwrap_or_else(|error| panic!("{what}: {error}"));
                for trial in written.iter().flatten() {
                    assert!(!again.contains(trial), "{what}: {trial:?} was lost");
                }
                let lines = fs::read_to_string(folder.join("trials-1-of-1.jsonl")).unwrap();
                assert_eq!(lines.lines().count(), 8, "{what}");
                assert_eq!(ranking(&folder), ranking(&whole.path().join("search")), "{what}");
            },
        );
        assert!(calls > 30, "{calls} calls");
    }
}

#[test]
fn what_another_shard_begins_meanwhile_has_a_description() {
    let place = tempfile::tempdir().unwrap();
    let begun = place.path().join("begun");
    go_on(&begun).unwrap();
    for round in 0..200 {
        let folder = place.path().join(round.to_string());
        fs::create_dir(&folder).unwrap();
        let held = HeldJournal::take(&folder, "2/2".parse().ok()).unwrap();
        thread::scope(|scope| {
            let another = scope.spawn(|| {
                for file in ["search.json", "trials-1-of-1.jsonl"] {
                    fs::hard_link(begun.join(file), folder.join(file)).unwrap();
                }
            });
            while !another.is_finished() {
                held.make_room(&search(), false, &mut MovedAside::default()).unwrap();
                Status::read(&folder).unwrap();
            }
        });
    }
}
