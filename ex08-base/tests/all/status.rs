//! `status`: how far a search and the fits from several seeds are, asked while they go on.

use std::fs::{self, File};

use crate::common::{FOLDER, Place, Running, assert_fails, stdout};
use crate::search::part_c;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

fn status(place: &Place) -> Value {
    serde_json::from_str(&stdout(&place.tool(["status", "--json"]).success())).unwrap()
}

fn text(place: &Place) -> String {
    stdout(&place.tool(["status"]).success())
}

/// What is said of each share: its name, how many fits are done and missing.
fn counts(search: &Value) -> Vec<(String, u64, u64)> {
    let number = |shard: &Value, key: &str| shard[key].as_u64().unwrap();
    let shards = search["shards"].as_array().unwrap().iter();
    shards.map(|it| (it["shard"].as_str().unwrap().to_owned(), number(it, "done"), number(it, "missing"))).collect()
}

#[test]
fn it_tells_who_works_on_which_share_and_what_is_missing() {
    let place = Place::new();
    place.run(part_c(&["--shard", "2/3"])).success();
    let search = status(&place)["searches"]["c"].clone();
    assert_eq!((&search["done"], &search["missing"], &search["diverged"]), (&json!(5), &json!(10), &json!([])));
    let shares =
        [("1/3", 0, 5), ("2/3", 5, 0), ("3/3", 0, 5)].map(|(name, done, missing)| (name.to_owned(), done, missing));
    assert_eq!(counts(&search), shares);
    assert!(search["shards"].as_array().unwrap().iter().all(|shard| shard["worker"].is_null()), "{search}");

    // Few threads and many epochs, so that there is time to ask.
    let mut running = Running::start(place.command(part_c(&["--shard", "1/3", "--threads", "1"])));
    assert!(running.wait_for_line("8c: fit 6"), "{:?}", running.lines);
    let process = Pid::from_raw(running.child.id().try_into().unwrap());
    kill(process, Signal::SIGSTOP).unwrap();
    let before = place.all_contents(FOLDER);
    let search = status(&place)["searches"]["c"].clone();
    let (first, worker) = (&search["shards"][0], &search["shards"][0]["worker"]);
    assert!(counts(&search)[0].1 >= 1, "{search}");
    assert_eq!((&worker["process"], &worker["runs"]), (&json!(running.child.id()), &json!(true)), "{search}");
    let (left, missing) = (first["seconds_left"].as_f64().unwrap(), first["missing"].as_f64().unwrap());
    assert!(left > 0.0 || missing == 0.0, "{search}");
    assert!(text(&place).contains(&format!(", process {}\n", running.child.id())), "{}", text(&place));
    place.all_contents(FOLDER).assert_same(&before, "asking changed something");

    kill(process, Signal::SIGKILL).unwrap();
    running.end();
    let search = status(&place)["searches"]["c"].clone();
    assert_eq!(search["shards"][0]["worker"]["runs"], json!(false), "{search}");
    assert!(text(&place).contains("ended early"), "{}", text(&place));
    place.run(part_c(&["--shard", "1/3"])).success();
    assert!(status(&place)["searches"]["c"]["shards"][0]["worker"].is_null());

    place.run(part_c(&["--resume"])).success();
    let document = status(&place);
    let search = &document["searches"]["c"];
    assert_eq!((&search["done"], &search["missing"]), (&json!(15), &json!(0)));
    let best = fs::read_to_string(place.path("runs/ex08/c/candidates.csv")).unwrap();
    let best: Vec<&str> = best.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(best[1], search["best"]["candidate"].to_string(), "{search}");
    let refit = document["fits"].as_array().unwrap().iter().find(|it| it["fit"] == "c/refit").unwrap();
    assert_eq!((&refit["begun"], &refit["ended"]), (&json!(1), &json!(1)));
}

#[test]
fn it_takes_no_lock_and_needs_none() {
    let place = Place::new();
    place.run(part_c(&["--shard", "1/2"])).success();
    let locks = ["c.lock", "c/trials-1-of-2.jsonl.lock", "c/search.json.lock"];
    let held = locks.map(|lock| File::open(place.path(FOLDER).join(lock)).unwrap());
    held.iter().for_each(|lock| lock.try_lock().unwrap());
    assert_eq!(status(&place)["searches"]["c"]["done"], 8);
}

#[test]
fn with_halving_it_counts_what_the_rung_lacks_and_it_names_what_diverged() {
    let place = Place::new();
    fs::write(place.path("space.toml"), "learning_rate = [0.001, 0.002, 1e30]\nwidth = [10]\nbatch_size = [500]")
        .unwrap();
    let flags = ["--space", "space.toml", "--candidates", "3", "--folds", "2", "--halving", "--epochs", "8"];
    place.run(part_c(&[&flags[..], &["--shard", "1/2"]].concat())).success();
    let search = status(&place)["searches"]["c"].clone();
    assert_eq!((&search["rung"], &search["rungs"], &search["done"]), (&json!(1), &json!(3), &json!(3)));
    // Three candidates, then one, then one, on two folds each.
    assert_eq!(search["missing"], 10 - 3);
    assert_eq!(counts(&search), [("1/2".to_owned(), 3, 0), ("2/2".to_owned(), 0, 3)]);
    assert_eq!(search["diverged"].as_array().unwrap().len(), 1, "{search}");
    assert!(text(&place).contains("Rung 1 of 3"), "{}", text(&place));
}

#[test]
fn where_nothing_was_begun_it_says_so_and_begins_nothing() {
    let place = Place::new();
    assert_fails(place.tool(["status"]), &["runs/ex08: found no folder", "--out"]);
    assert!(!place.path("runs").exists());
    fs::create_dir_all(place.path(FOLDER)).unwrap();
    assert_eq!(text(&place), "runs/ex08: nothing was begun here.\n");
    fs::create_dir_all(place.path("runs/ex08/c")).unwrap();
    fs::write(place.path("runs/ex08/c/search.json"), "{").unwrap();
    assert_fails(place.tool(["status"]), &["search.json", "the description of a search"]);
}
