//! `status`: how far a search and the fits from several seeds are, asked while they go on.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

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
fn what_was_moved_aside_is_not_listed() {
    let place = Place::new();
    for _ in 0..2 {
        place.run(part_c(&["--candidates", "1"])).success();
    }
    assert!(place.path("runs/ex08/c.previous-1/refit").exists());
    let fits = ["c/refit", "c/refit-falling-rate"].map(|fit| json!({ "fit": fit, "begun": 1, "ended": 1 }));
    assert_eq!(status(&place)["fits"], json!(fits));
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
fn links_are_followed_and_may_lead_in_a_circle() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    place.run(part_c(&["--shard", "1/3"])).success();
    for part in ["b", "c"] {
        let folder = place.path(FOLDER).join(part);
        let elsewhere = place.path(part);
        fs::rename(&folder, &elsewhere).unwrap();
        symlink(&elsewhere, &folder).unwrap();
    }
    symlink(place.path(FOLDER), place.path("b/circle")).unwrap();
    symlink(place.path("b"), place.path("c/b again")).unwrap();
    let status = status(&place);
    assert_eq!(status["searches"]["c"]["done"], json!(5), "{status}");
    assert_eq!(status["fits"], json!([{ "fit": "b", "begun": 1, "ended": 1 }]), "{status}");
}

#[test]
fn what_is_in_the_place_of_a_workers_name_is_to_be_moved_away() {
    let place = Place::new();
    place.run(part_c(&["--shard", "1/3"])).success();
    let worker = place.path("runs/ex08/c/trials-2-of-3.worker.lock");
    fs::create_dir(&worker).unwrap();
    let says = "trials-2-of-3.worker.lock: found a folder, expected a file, or nothing yet; move it away";
    assert_fails(place.run(part_c(&["--shard", "2/3"])), &[says]);
    assert_eq!(counts(&status(&place)["searches"]["c"])[1], ("2/3".to_owned(), 0, 5));
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
    assert_eq!(search["diverged"], json!([{ "candidate": 0, "fold": 0, "epoch": 1 }]), "{search}");
    let text = text(&place);
    assert!(text.contains("1 diverged.\nDiverged: candidate 0 on fold 1.\n"), "{text}");
    assert!(text.contains("Rung 1 of 3: a shard's missing fits are counted for this rung only."), "{text}");
}

#[test]
fn trials_of_later_rungs_are_not_counted_for_what_a_rung_lacks() {
    let place = Place::new();
    fs::write(place.path("space.toml"), "learning_rate = [0.001, 0.002, 0.004]\nwidth = [10]\nbatch_size = [500]")
        .unwrap();
    let flags = ["--space", "space.toml", "--candidates", "3", "--folds", "2", "--halving", "--epochs", "8"];
    place.run(part_c(&flags)).success();
    let journal = place.path(FOLDER).join("c/trials-1-of-1.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let of_first_rung: Vec<&str> = text.lines().filter(|line| line.contains("{\"epochs\":2,")).collect();
    assert_eq!(of_first_rung.len(), 6, "{text}");
    // As if journals of other candidates had been copied beside these, and a fit of the first rung had been lost.
    let later =
        ["6", "8"].map(|epochs| of_first_rung.join("\n").replace("{\"epochs\":2,", &format!("{{\"epochs\":{epochs},")));
    fs::write(&journal, [&of_first_rung[1..].join("\n"), &later[0], &later[1], ""].join("\n")).unwrap();
    let search = status(&place)["searches"]["c"].clone();
    assert_eq!((&search["rung"], &search["missing"]), (&json!(1), &json!(1 + 2 + 2)), "{search}");
}

#[test]
fn what_is_no_search_is_an_error_that_says_so_and_never_a_wait() {
    let place = Place::new();
    place.run(part_c(&["--shard", "1/2"])).success();
    let folder = place.path(FOLDER).join("c");
    let (search, journal) = (folder.join("search.json"), folder.join("trials-1-of-2.jsonl"));
    let [description, trials] = [&search, &journal].map(|path| fs::read_to_string(path).unwrap());
    for (found, counts) in [
        ("candidates: 18446744073709551615, expected at most 100000", "\"candidates\": 18446744073709551615"),
        ("folds: 18446744073709551615, expected a number from 2 to 100", "\"folds\": 18446744073709551615"),
    ] {
        let key = counts.split(' ').next().unwrap();
        let line = description.lines().find(|line| line.contains(key)).unwrap();
        fs::write(&search, description.replace(line, &format!("{counts},"))).unwrap();
        assert_fails(place.tool(["status"]), &["search.json", found]);
    }
    fs::remove_file(&search).unwrap();
    assert_fails(place.tool(["status"]), &["trials-1-of-2.jsonl: found trials without search.json"]);

    fs::write(&search, description).unwrap();
    fs::write(&journal, format!("{{}}\n{trials}")).unwrap();
    let says = ["trials-1-of-2.jsonl, line 1: ", "remove the line, and its fit is run again"];
    assert_fails(place.tool(["status"]), &says);
    assert_fails(place.run(part_c(&["--shard", "1/2"])), &says);
    fs::write(&journal, trials).unwrap();
    place.run(part_c(&["--shard", "1/2"])).success();

    fs::remove_file(&journal).unwrap();
    nix::unistd::mkfifo(&journal, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let says = ["trials-1-of-2.jsonl: found a pipe, expected a file"];
    assert_fails(place.tool(["status"]), &says);
    assert_fails(place.run(part_c(&["--shard", "1/2"])), &says);
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
