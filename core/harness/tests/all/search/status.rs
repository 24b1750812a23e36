//! How far a search is, and who works on it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{open, run, search};
use ch11_harness::search::{Journal, Record, Search, Status, Worker};
use serde_json::{Value, json};

/// Runs `count` missing trials that take 1 s up to the end of the first rung, 4 s to that of the second, and 20 s in all.
fn add(journal: &Journal, search: &Search, count: usize) {
    for trial in search.next_trials(&journal.records()).into_iter().take(count) {
        let seconds = Duration::from_secs([1, 4, 20][search.rung_of(&trial).unwrap() - 1]);
        journal.add(Record { seconds: seconds.into(), ..run(trial) }).unwrap();
    }
}

fn seconds_left(folder: &Path) -> Option<f64> {
    let status = Status::read(folder).unwrap().unwrap();
    status.seconds_left(&status.shards[0])
}

#[test]
fn the_time_that_is_left_is_told_from_the_rung_that_is_run() {
    let search = search(10, true);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("search");
    let (journal, _) = open(&folder, &search, None, false);
    let _announced = Worker::announce(&folder, None, 2).unwrap();
    // 30 fits, then 12, then 6, two at once.
    for (fits, left) in
        [(0, None), (10, Some(10.0)), (20, None), (2, Some(5.0 * 3.0)), (10, None), (1, Some(3.0 * 16.0))]
    {
        add(&journal, &search, fits);
        assert_eq!(seconds_left(&folder), left, "{fits} more");
    }
}

#[test]
fn whether_a_worker_runs_is_told_only_where_its_number_is_known() {
    let search = search(2, false);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("search");
    let _journal = open(&folder, &search, None, false);
    let _announced = Worker::announce(&folder, None, 1).unwrap();
    let runs = || Status::read(&folder).unwrap().unwrap().shards[0].is_alive;
    let here = cfg!(target_os = "linux").then_some(true);
    assert_eq!(runs(), here);

    let file = folder.join("trials-1-of-1.worker.lock");
    let own: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for key in ["host", "boot", "process_namespace"] {
        let mut other = own.clone();
        other[key] = json!("of another machine or container");
        fs::write(&file, other.to_string()).unwrap();
        assert_eq!(runs(), None, "{key}");
    }
    // As earlier versions wrote it.
    fs::write(&file, json!({ "host": own["host"], "process": own["process"], "threads": 1 }).to_string()).unwrap();
    let status = Status::read(&folder).unwrap().unwrap();
    assert!(status.shards[0].worker.is_some());
    assert_eq!(runs(), None);
}
