//! Fits that several processes share, on one machine or on many: a search, and the seeds of a part.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::{FOLDER, Place, Running, assert_fails, stderr, stdout, timeless};
use crate::search::{CSV, assert_none_twice, part_c, table, trials, undisturbed};
use serde_json::Value;

#[test]
fn two_shards_at_once_make_the_table_of_one_process() {
    let place = Place::new();
    let mut shards = ["1/2", "2/2"].map(|shard| Running::start(place.command(part_c(&["--shard", shard]))));
    for shard in &mut shards {
        let (status, text) = shard.end();
        assert!(status.success(), "{text}");
    }
    assert!(!place.path(CSV).exists(), "no shard knows that it is the last");
    let assert = place.run(part_c(&["--resume"])).success();
    assert!(stderr(&assert).contains("which holds 15 of 15 fits"), "{}", stderr(&assert));
    assert_none_twice(&trials(&place), 15);
    assert_eq!(table(&place, CSV), undisturbed());
}

/// Six candidates for 2 epochs, two for 6, one for 8, on three folds each.
const FITS_BY_HALVING: usize = 18 + 6 + 3;

fn by_halving(more: &[&str]) -> Vec<String> {
    let flags = ["--halving", "--space", "space.toml", "--epochs", "8", "--candidates", "6"];
    part_c(&[&flags, more].concat())
}

fn place_with_space() -> Place {
    let place = Place::new();
    let space = "width = [10, 30]\nlearning_rate = [0.001, 0.002, 0.004]\nbatch_size = [500]";
    fs::write(place.path("space.toml"), space).unwrap();
    place
}

/// Puts the shards' fits together.
#[track_caller]
fn assert_same_as_one_process(place: &Place) {
    assert_none_twice(&trials(place), FITS_BY_HALVING);
    let assert = place.run(by_halving(&["--resume"])).success();
    assert!(stderr(&assert).contains("which holds 27 of 27 fits"), "{}", stderr(&assert));
    let whole = place_with_space();
    whole.run(by_halving(&[])).success();
    assert_eq!(table(place, CSV), table(&whole, CSV));
    assert!(!place.path("runs/ex08/c/fits").exists(), "states that nothing goes on from");
}

#[test]
fn shards_of_a_search_by_halving_go_rung_by_rung_to_the_table_of_one_process() {
    let place = place_with_space();
    // The last shard of a rung goes on with the next.
    for (shard, says) in [
        (
            "1/2",
            "8c. The rest of rung 1 of 3 belongs to other shards; once they are done, run every shard again for the next.",
        ),
        ("2/2", "8c. The rest of rung 2 of 3 belongs to other shards"),
        ("1/2", "8c. The rest of the search belongs to other shards."),
        ("2/2", "8c. All fits of the search are done."),
        ("1/2", "8c. All fits of the search are done."),
    ] {
        let text = stdout(&place.run(by_halving(&["--shard", shard])).success());
        assert!(text.contains(says), "no {says} in {text}");
    }
    assert_same_as_one_process(&place);
}

fn start(place: &Place, flags: Vec<String>) -> Child {
    place.command(flags).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn end(shard: Child) -> String {
    let output = shard.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Has the second of two shards run while the first, which has begun before it, waits; returns what they say.
#[cfg(unix)]
fn second_and_first(place: &Place, flags: impl Fn(&[&str]) -> Vec<String>) -> [String; 2] {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let first = start(place, flags(&["--shard", "1/2", "--threads", "1"]));
    let process = Pid::from_raw(first.id().try_into().unwrap());
    // It says who works on its share once it has read the journals.
    while !place.path("runs/ex08/c/trials-1-of-2.worker.lock").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    kill(process, Signal::SIGSTOP).unwrap();
    let second = stdout(&place.run(flags(&["--shard", "2/2"])).success());
    kill(process, Signal::SIGCONT).unwrap();
    [second, end(first)]
}

#[test]
#[cfg(unix)]
fn the_last_of_shards_at_once_sees_what_the_others_have_done() {
    let [second, first] = second_and_first(&Place::new(), part_c);
    assert!(second.contains("8c. The rest of the search belongs to other shards."), "{second}");
    assert!(first.contains("8c. All fits of the search are done."), "{first}");

    let place = place_with_space();
    let [second, first] = second_and_first(&place, by_halving);
    assert!(second.contains("8c. The rest of rung 1 of 3 belongs to other shards"), "{second}");
    assert!(first.contains("8c. The rest of rung 2 of 3 belongs to other shards"), "{first}");
    let mut texts = Vec::new();
    for _ in 2..=3 {
        let shards = ["1/2", "2/2"].map(|shard| start(&place, by_halving(&["--shard", shard])));
        texts = shards.map(end).to_vec();
    }
    assert!(texts.iter().any(|text| text.contains("8c. All fits of the search are done.")), "{texts:?}");
    assert_same_as_one_process(&place);
}

/// As in MANY-MACHINES.md. GNU parallel is Debian's package `parallel`; where it is not installed, there is nothing to show.
#[test]
fn gnu_parallel_runs_the_shards() {
    let is_gnu = Command::new("parallel").arg("--version").stdin(Stdio::null()).output();
    if !is_gnu.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU parallel")) {
        eprintln!("skipped: GNU parallel is not installed");
        return;
    }
    let place = Place::new();
    let mut command = Command::new("parallel");
    let program = place.command(part_c(&[])).get_program().to_owned();
    command.args(["--will-cite", "--quote"]).arg(program).args(part_c(&["--offline", "--shard", "{}/3"]));
    command.args([":::", "1", "2", "3"]);
    place.clean(&mut command);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    place.run(part_c(&["--resume"])).success();
    assert_none_twice(&trials(&place), 15);
    assert_eq!(table(&place, CSV), undisturbed());
}

/// A task that is submitted again alone, or an array of one: neither is the whole search.
#[test]
fn an_explicit_share_is_a_share_even_of_one() {
    let place = Place::new();
    place.run(part_c(&["--shard", "2/2"])).success();
    let text = stdout(&place.run(part_c(&["--shard", "1/1"])).success());
    assert!(text.contains("Shard 1/1 is done."), "{text}");
    assert!(!place.path("runs/ex08/c.previous-1").exists(), "the trials of 2/2 were moved aside");
    assert!(!place.path(CSV).exists() && !place.path("runs/ex08/c/refit").exists(), "a share trains no best candidate");
    let document: Value = serde_json::from_str(&stdout(&place.run(part_c(&["--resume", "--json"])).success())).unwrap();
    assert_none_twice(&trials(&place), 15);
    assert_eq!(table(&place, CSV), undisturbed());
    // The time of all fits, whichever process ran them.
    let csv = fs::read_to_string(place.path(CSV)).unwrap();
    let seconds: f64 = csv.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse::<f64>().unwrap()).sum();
    let told = document["parts"]["c"]["seconds"].as_f64().unwrap();
    assert!((told - seconds).abs() < 1e-6, "{told}, not {seconds}");
}

#[test]
fn a_task_of_any_scheduler_runs_the_share_after_its_index() {
    let place = Place::new();
    let tasks = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"];
    for (index, variable) in tasks.iter().enumerate() {
        let mut command = place.command(part_c(&["--shard", "task/3", "--json"]));
        let output = command.env(variable, index.to_string()).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["shard"], format!("{}/3", index + 1));
        assert!(place.path(format!("runs/ex08/c/trials-{}-of-3.jsonl", index + 1)).exists());
    }
    assert_none_twice(&trials(&place), 15);
    let mut beyond = place.command(part_c(&["--shard", "task/3"]));
    let text = String::from_utf8(beyond.env(tasks[0], "3").output().unwrap().stderr).unwrap();
    assert!(text.contains("SLURM_ARRAY_TASK_ID: found \"3\", expected a number from 0 to 2"), "{text}");
}

#[test]
fn a_share_on_other_training_or_validation_digits_is_refused() {
    let place = Place::new();
    let flags = |folder: &str, shard: &str| {
        let flags = ["c", "--data", "idx", "--data-dir", folder, "--epochs", "1", "--candidates", "2", "--folds", "2"];
        [&flags[..], &["--shard", shard]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    ch11_testing::write_idx(&place.path("digits"), 1200, 100);
    place.run(flags("digits", "1/2")).success();
    // The first twelfth is for validation, the rest to train on.
    for (image, other) in [(0, "validated"), (1199, "trained")] {
        ch11_testing::write_idx(&place.path(other), 1200, 100);
        let images = place.path(other).join("train-images-idx3-ubyte");
        let mut bytes = fs::read(&images).unwrap();
        bytes[16 + 784 * (image / 10 * 10)] += 1; // A zero.
        fs::write(&images, bytes).unwrap();
        assert_fails(
            place.run(flags(other, "2/2")),
            &["search.json: begun with the data IDX files (not checked to be MNIST): train 550 (", "validation 50 ("],
        );
    }
    assert!(!place.path("runs/ex08/c/trials-2-of-2.jsonl").exists());
    place.run(flags("digits", "2/2")).success();
}

/// As from an object store, or from machines that share no file system.
#[test]
fn journals_that_are_copied_into_one_folder_make_the_table_of_one_process() {
    let place = Place::new();
    for (machine, shard) in [("one", "1/2"), ("two", "2/2")] {
        place.run(part_c(&["--out", machine, "--shard", shard])).success();
    }
    fs::create_dir_all(place.path("runs/ex08/c")).unwrap();
    for machine in ["one", "two"] {
        for entry in fs::read_dir(place.path(machine).join("c")).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), place.path("runs/ex08/c").join(entry.file_name())).unwrap();
        }
    }
    let assert = place.run(part_c(&["--resume"])).success();
    assert!(stderr(&assert).contains("which holds 15 of 15 fits"), "{}", stderr(&assert));
    assert_eq!(table(&place, CSV), undisturbed());
}

/// The learning curves without the times, which end each line.
fn curves(place: &Place, folder: &str) -> BTreeMap<usize, Vec<String>> {
    let text = fs::read_to_string(place.path(Path::new(folder).join("curves.csv"))).unwrap();
    let timed = |heading: &&str| heading.contains("second");
    let headings: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let kept: Vec<usize> = (0..headings.len()).filter(|&index| !timed(&headings[index])).collect();
    let cells = |line: &str| kept.iter().map(|&index| line.split(',').nth(index).unwrap().to_owned()).collect();
    text.lines().map(cells).enumerate().collect()
}

#[test]
fn shares_of_the_seeds_lead_to_the_means_of_one_process() {
    let (place, whole) = (Place::new(), Place::new());
    let flags = ["b", "--seeds", "5", "--epochs", "3"];
    let expected = whole.document(flags);
    // The second is cut off, and started again as it was.
    let mut cut_off = Running::start(place.command(Place::synthetic([&flags[..], &["--shard", "2/2"]].concat())));
    assert!(cut_off.wait_for_epochs(2), "{:?}", cut_off.lines);
    cut_off.child.kill().unwrap();
    cut_off.end();
    for shard in ["1/2", "2/2"] {
        let assert = place.train([&flags[..], &["--shard", shard]].concat()).success();
        let (text, progress) = (stdout(&assert), stderr(&assert));
        let seeds = if shard == "1/2" { 3 } else { 2 };
        assert!(text.contains(&format!("seed: 42 and the next 4, of which shard {shard} has {seeds}, ")), "{text}");
        assert!(text.contains(&format!("Shard {shard} is done.")) && !text.contains("Verdicts"), "{text}");
        assert!(!progress.contains("moved"), "{progress}");
    }
    assert!(!place.path(FOLDER).join("report.html").exists(), "a share reports nothing");
    let trained = place.contents(FOLDER);
    let found = place.document([&flags[..], &["--resume"]].concat());
    assert!(timeless(&found) == timeless(&expected), "{found}");
    place.contents(FOLDER).assert_same(&whole.contents(FOLDER), "one process");
    place.contents(FOLDER).assert_same(&trained, "putting them together trained something");
    assert_eq!(curves(&place, FOLDER), curves(&whole, FOLDER));
}
