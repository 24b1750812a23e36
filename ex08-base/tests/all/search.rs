//! Part c from outside: what it shows and leaves, whatever the threads, cut off anywhere, shared by several processes.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use crate::common::{Place, Running, assert_fails, stderr, stdout};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

pub const CSV: &str = "runs/ex08/c/candidates.csv";

/// Part c on few drawn digits, with five candidates and three folds unless `more` says otherwise.
pub fn part_c(more: &[&str]) -> Vec<String> {
    let mut flags = vec!["c", "--data", "synthetic", "--quick"];
    for default in [["--candidates", "5"], ["--folds", "3"]] {
        if !more.contains(&default[0]) {
            flags.extend(default);
        }
    }
    flags.iter().chain(more).map(|&flag| flag.to_owned()).collect()
}

/// The table of candidates without the times, its last column.
pub fn table(place: &Place, path: &str) -> Vec<String> {
    let text = fs::read_to_string(place.path(path)).unwrap();
    text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
}

/// The trials of all journals of a search, as often as they are there.
pub fn trials(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path("runs/ex08/c")).unwrap().map(|entry| entry.unwrap().path());
    let journals = entries.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    let lines = journals.flat_map(|path| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["trial"].to_string()).collect::<Vec<_>>()
    });
    lines.collect()
}

#[track_caller]
pub fn assert_none_twice(trials: &[String], count: usize) {
    assert_eq!(trials.len(), count);
    assert_eq!(trials.iter().collect::<BTreeSet<_>>().len(), count, "a fit was run twice");
}

/// The table of the same search in one process, left alone.
pub fn undisturbed() -> Vec<String> {
    let place = Place::new();
    place.run(part_c(&["--threads", "1"])).success();
    table(&place, CSV)
}

#[test]
fn the_best_candidate_is_found_and_trained_on_all() {
    let place = Place::new();
    let assert = place.run(part_c(&["--threads", "2", "--json"])).success();
    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let part = &document["parts"]["c"];
    assert_eq!((&part["trials"], &part["folds"], &part["fits"]), (&json!(5), &json!(3), &json!(15)));
    assert!(part["seconds"].as_f64().unwrap() > 0.0, "{part}");
    assert!(part["refitted"]["test_accuracy"].as_f64().unwrap() > 0.5, "{part}");
    assert_none_twice(&trials(&place), 15);

    let lines = table(&place, CSV);
    assert_eq!(lines.len(), 6);
    let best: Vec<&str> = lines[1].split(',').collect();
    assert_eq!(best[2], part["best"]["width"].to_string());
    assert_eq!(best[5], part["best"]["activation"].as_str().unwrap());
    assert!(stderr(&assert).contains("8c: fit 15 of 15, width "), "{}", stderr(&assert));
    assert_eq!(lines, undisturbed(), "the number of threads changed the results");
}

#[test]
fn a_search_that_is_killed_again_and_again_repeats_nothing() {
    let place = Place::new();
    let mut random = StdRng::seed_from_u64(5);
    for _ in 0..5 {
        let mut run = Running::start(place.command(part_c(&["--resume"])));
        for _ in 0..random.gen_range(1..=3) {
            run.wait_for_line("8c: fit ");
        }
        std::thread::sleep(Duration::from_millis(random.gen_range(0..150)));
        run.child.kill().unwrap();
        run.end();
    }
    let assert = place.run(part_c(&["--resume"])).success();
    assert!(stderr(&assert).contains("8c: goes on from runs/ex08/c, which holds "), "{}", stderr(&assert));
    assert_none_twice(&trials(&place), 15);
    assert_eq!(table(&place, CSV), undisturbed());
}

#[test]
fn halving_trains_few_candidates_to_the_end() {
    let place = Place::new();
    fs::write(
        place.path("space.toml"),
        "width = [10, 50, 100]\nlearning_rate = [0.001, 0.002, 0.004]\nbatch_size = [500]",
    )
    .unwrap();
    let flags = ["--space", "space.toml", "--halving", "--candidates", "9", "--epochs", "8", "--json"];
    let document: Value = serde_json::from_str(&stdout(&place.run(part_c(&flags)).success())).unwrap();
    // Nine for 2 epochs, three for 6, one for 8, on three folds each.
    assert_eq!(document["parts"]["c"]["fits"], json!((9 + 3 + 1) * 3));
    let allowed: Vec<String> =
        table(&place, CSV)[1..].iter().map(|line| line.rsplit(',').nth(1).unwrap().to_owned()).collect();
    assert_eq!(allowed, ["8", "6", "6", "2", "2", "2", "2", "2", "2"]);
    assert!(!place.path("runs/ex08/c/fits").exists(), "states that nothing goes on from");
}

#[test]
fn candidates_that_diverge_rank_last_and_all_of_them_is_an_error() {
    let place = Place::new();
    fs::write(place.path("space.toml"), "learning_rate = [0.001, 1e30]\nwidth = [10]").unwrap();
    let flags = ["--space", "space.toml", "--candidates", "2"];
    let results = stdout(&place.run(part_c(&flags)).success());
    let rows: Vec<&str> = results.lines().skip_while(|line| !line.starts_with("rank")).skip(1).take(2).collect();
    assert!(rows[0].starts_with("1 ") && rows[0].contains("0.001"), "{results}");
    assert!(rows[1].starts_with("2 ") && rows[1].contains("diverged at epoch 1 of fold 1"), "{results}");

    fs::write(place.path("space.toml"), "learning_rate = [1e30, 2e30]\nwidth = [10]").unwrap();
    assert_fails(place.run(part_c(&flags)), &["8c: every candidate diverged", "--space"]);
}

#[test]
fn a_candidate_of_any_learning_rate_leaves_a_journal_that_is_read_again() {
    let place = Place::new();
    fs::write(place.path("space.toml"), "learning_rate = [0.001, 543250, 3e6, 2e7, 1e8]\nwidth = [10]").unwrap();
    let flags = ["--space", "space.toml", "--candidates", "5"];
    place.run(part_c(&flags)).success();
    let journal = fs::read_to_string(place.path("runs/ex08/c/trials-1-of-1.jsonl")).unwrap();
    assert!(!journal.contains("null"), "{journal}");
    let ranked = table(&place, CSV);
    place.run(part_c(&[&flags[..], &["--resume"]].concat())).success();
    assert_eq!(table(&place, CSV), ranked);
}

#[test]
fn a_space_that_is_wrong_is_an_error_that_names_it() {
    let place = Place::new();
    for (text, says) in [
        ("widht = [10]", "space.toml: line 1: unknown field `widht`, expected one of `width`"),
        ("width = [11]", "space.toml: found width 11, expected one of [10, 30, 50"),
        ("dropout_rate = [2.0]", "space.toml: dropout_rate: found 2.0, expected a number from 0 to below 1"),
    ] {
        fs::write(place.path("space.toml"), text).unwrap();
        assert_fails(place.run(part_c(&["--space", "space.toml"])), &[says, "mend its file"]);
    }
    assert_fails(place.run(part_c(&["--space", "none.toml"])), &["none.toml: cannot open"]);
    assert!(!place.path("runs").exists(), "nothing was begun");
}

#[test]
fn another_search_is_not_gone_on_with() {
    let place = Place::new();
    place.run(part_c(&["--epochs", "1"])).success();
    let refused = place.run(part_c(&["--epochs", "1", "--resume", "--folds", "2"]));
    assert_fails(refused, &["search.json: begun with --folds 3, asked to resume with 2", "--out"]);
    let again = place.run(part_c(&["--epochs", "1"])).success();
    assert!(stderr(&again).contains("8c: an earlier search was moved to runs/ex08/c.previous-1"), "{}", stderr(&again));
}

#[test]
fn bad_flags_are_bad_usage() {
    let place = Place::new();
    for (flags, says) in [
        (vec!["c", "--shard", "3/2"], "found share 3, expected one from 1 to 2"),
        (vec!["c", "--shard", "3"], "as in 2/5"),
        (vec!["b", "c", "--shard", "1/2"], "--shard shares the search"),
        (vec!["b", "--seeds", "2", "--shard", "1/3"], "--shard 1/3 shares 2 seeds"),
        (vec!["c", "--shard", "task/3"], "found none of SLURM_ARRAY_TASK_ID"),
        (vec!["--shard", "1/2"], "--shard shares the search"),
        (vec!["c", "--folds", "1"], "a number from 2 to 100 is needed"),
        (vec!["c", "--candidates", "0"], "--candidates"),
    ] {
        let assert = place.run(&flags).code(2);
        assert!(stderr(&assert).contains(says), "{flags:?}: {}", stderr(&assert));
    }
}

#[test]
fn candidates_are_runs_for_tensorboard_with_their_hyper_parameters() {
    let place = Place::new();
    place.run(part_c(&["--candidates", "2", "--folds", "2", "--tensorboard"])).success();
    for (run, what) in [("", "experiment"), ("000/", "session_start_info"), ("001/", "session_start_info")] {
        let file = place.path("runs/ex08/c/candidates").join(run).join("events.out.tfevents.ch11");
        let bytes = fs::read(file).unwrap();
        for text in [what, "hparams", "learning_rate", "held_out/accuracy"] {
            assert!(bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{run}: no {text} in it");
        }
    }
}
