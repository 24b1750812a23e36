//! `--resume`: what it resumes from, what it refuses, and what becomes of earlier runs without it.

use crate::common::{Place, RUN, assert_fails, stderr, stdout};
use predicates::prelude::*;
use serde_json::Value;

fn row(place: &Place, more: &[&str]) -> Value {
    let args = Place::synthetic(more).into_iter().chain(["--json".into()]);
    let document: Value = serde_json::from_str(&stdout(&place.run(args).success())).unwrap();
    document["parts"]["b"].clone()
}

#[test]
fn with_nothing_there_it_starts_afresh_and_says_so() {
    let place = Place::new();
    place
        .train(["--epochs", "2", "--resume"])
        .success()
        .stderr(predicate::str::contains("nothing to resume").and(predicate::str::contains(RUN)));
    place.train(["--epochs", "2", "--out", "fresh"]).success();
    place.contents(RUN).assert_same(&place.contents("fresh/b/seed-42"), "fresh");
}

#[test]
fn a_finished_run_is_left_as_it_is_and_shown_again() {
    let place = Place::new();
    let first = row(&place, &["--epochs", "3"]);
    let before = place.all_contents(RUN);
    assert_eq!(row(&place, &["--epochs", "3", "--resume"]), first);
    place.all_contents(RUN).assert_same(&before, "resumed when finished");
}

#[test]
fn more_epochs_go_on_as_if_they_had_been_asked_for_at_once() {
    let place = Place::new();
    let short = row(&place, &["--epochs", "2"]);
    let more = row(&place, &["--epochs", "5", "--resume"]);
    let at_once = row(&place, &["--epochs", "5", "--out", "at-once"]);
    for key in ["epochs", "best_epoch", "test_accuracy", "test_precision", "test_loss"] {
        assert_eq!(more[key], at_once[key], "{key}");
    }
    assert_ne!(short["test_loss"], more["test_loss"]);
    let at_once = place.contents("at-once/b/seed-42");
    for name in ["final.ckpt", "final.safetensors", "last.ckpt"] {
        assert!(place.contents(RUN).0[name] == at_once.0[name], "{name}");
    }
}

#[test]
fn more_patience_goes_on_after_an_early_stop() {
    let place = Place::new();
    // Adam at this rate gets worse within a few epochs.
    let wild = ["--learning-rate", "0.02", "--averaging", "0", "--epochs", "60"];
    let epochs = |more: &[&str]| {
        let flags: Vec<&str> = wild.iter().chain(more).copied().collect();
        let row = row(&place, &flags);
        (row["epochs"].as_u64().unwrap(), row["best_epoch"].as_u64().unwrap())
    };
    let (stopped, best) = epochs(&["--patience", "1"]);
    assert_eq!(stopped, best + 1);
    let (stopped_later, best_later) = epochs(&["--patience", "3", "--resume"]);
    assert!(stopped_later > stopped, "{stopped_later}");
    assert_eq!(stopped_later, best_later + 3);
}

#[test]
fn another_fit_is_refused_with_both_values_and_left_alone() {
    let place = Place::new();
    place.train(["--epochs", "2", "--checkpoint-every", "1"]).success();
    let before = place.all_contents(RUN);
    let others: [(&[&str], [&str; 3]); 3] = [
        (&["--batch-size", "20"], ["--batch-size", "50", "20"]),
        (&["--learning-rate", "0.5"], ["--learning-rate", "0.001", "0.5"]),
        (&["--averaging", "0.5"], ["--averaging", "0.9995", "0.5"]),
    ];
    for (flags, says) in others {
        let more = ["--epochs", "9", "--resume"];
        let assert = place.train(flags.iter().chain(&more));
        assert_fails(assert, &[&says[..], &["last.ckpt", "without --resume"]].concat());
        place.all_contents(RUN).assert_same(&before, says[0]);
    }
}

#[test]
fn other_digits_are_refused() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    let before = place.all_contents(RUN);
    // Ten times as many digits without --quick: drawn likewise, but not the same data.
    let assert = place.run(["b", "--data", "synthetic", "--epochs", "2", "--resume"]);
    assert_fails(assert, &["last.ckpt", "the data", "2,803 train", "28,076 train", "without --resume"]);
    place.all_contents(RUN).assert_same(&before, "other digits");
}

#[test]
fn another_seed_is_another_run() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    let before = place.all_contents(RUN);
    place
        .train(["--epochs", "1", "--seed", "43", "--resume"])
        .success()
        .stderr(predicate::str::contains("nothing to resume in runs/ex08/b/seed-43"));
    place.all_contents(RUN).assert_same(&before, "seed 42");
    // Of two seeds, one is there, and the other starts afresh.
    let text = stderr(&place.train(["--epochs", "1", "--seed", "43", "--seeds", "2", "--resume"]).success());
    assert!(text.contains("seed 43: resumes from") && text.contains("seed 44: nothing to resume"), "{text}");
}

#[test]
fn without_it_an_earlier_run_is_moved_aside() {
    let place = Place::new();
    let previous = |number: usize| format!("{RUN}.previous-{number}");
    let train = |epochs: &str| stderr(&place.train(["--epochs", epochs]).success());
    assert!(!train("1").contains("moved"));
    let first = place.all_contents(RUN);

    let text = train("2");
    assert!(text.contains("an earlier run was moved to") && text.contains(&previous(1)), "{text}");
    place.all_contents(previous(1)).assert_same(&first, "first run");
    let second = place.all_contents(RUN);
    assert!(second.0["last.ckpt"] != first.0["last.ckpt"]);

    train("1");
    place.all_contents(previous(1)).assert_same(&first, "first run, still");
    place.all_contents(previous(2)).assert_same(&second, "second run");
}
