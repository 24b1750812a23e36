//! What is there already, whole or in part, when a command begins: it is gone on with, moved aside or left alone, and never overwritten.

use std::fs::{self, File};

use crate::common::{FOLDER, Place, RUN, assert_fails, stderr};

const PREVIOUS: &str = "runs/ex08/b/seed-42.previous-1";

/// A place with a fit of three epochs.
fn trained() -> Place {
    let place = Place::new();
    place.train(["--epochs", "3"]).success();
    place
}

fn remove(place: &Place, file: &str) {
    fs::remove_file(place.path(RUN).join(file)).unwrap();
}

#[test]
fn a_fit_without_its_state_is_moved_aside() {
    for left in [&["best.ckpt", "final.ckpt", "final.safetensors", "seconds.json"][..], &["final.safetensors"]] {
        for flags in [&["--resume"][..], &["--resume", "--learning-rate", "0.5"], &[]] {
            let place = trained();
            crate::common::FILES.iter().filter(|file| !left.contains(file)).for_each(|file| remove(&place, file));
            let before = place.all_contents(RUN);
            let text = stderr(&place.train([&["--epochs", "1"], flags].concat()).success());
            assert!(text.contains(PREVIOUS), "{left:?} {flags:?}: {text}");
            place.all_contents(PREVIOUS).assert_same(&before, "what was left of the earlier fit");
        }
    }
}

#[test]
fn the_report_of_a_fit_that_was_moved_aside_goes_with_it() {
    let place = trained();
    let page = fs::read(place.path("runs/ex08/report.html")).unwrap();
    remove(&place, "last.ckpt");
    place.train(["--epochs", "1", "--resume"]).success();
    assert!(fs::read(place.path("runs/ex08/report.previous-1.html")).unwrap() == page);
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_folder_in_the_place_of_a_state_is_an_error() {
    let place = trained();
    let state = place.path(RUN).join("last.ckpt");
    remove(&place, "last.ckpt");
    nix::unistd::mkfifo(&state, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_fails(place.train(["--resume"]), &["last.ckpt: cannot read: found a folder, a pipe or a device"]);
    fs::remove_file(&state).unwrap();
    fs::create_dir(&state).unwrap();
    assert_fails(
        place.train(["--resume"]),
        &["last.ckpt: cannot read: found a folder, a pipe or a device", "move it away"],
    );
}

#[test]
fn weights_of_another_fit_beside_a_state_are_refused_and_left_alone() {
    let place = trained();
    place.train(["--epochs", "3", "--learning-rate", "0.01", "--out", "other"]).success();
    for file in ["best.ckpt", "final.ckpt"] {
        let (own, other) = (place.path(RUN).join(file), place.path("other/b/seed-42").join(file));
        let whole = fs::read(&own).unwrap();
        fs::copy(other, &own).unwrap();
        let before = place.all_contents(RUN);
        let refused = place.train(["--epochs", "4", "--resume"]);
        assert_fails(refused, &[file, "begun with --learning-rate 0.01, asked to resume with 0.001"]);
        place.all_contents(RUN).assert_same(&before, file);

        fs::write(&own, &whole[..1000]).unwrap();
        assert_fails(place.train(["--epochs", "4", "--resume"]), &[file, "found 944 bytes", "or no such file"]);
        fs::write(&own, whole).unwrap();
    }
}

#[test]
fn weights_that_are_missing_beside_a_state_are_made_anew() {
    let place = trained();
    let before = place.all_contents(RUN);
    for file in ["best.ckpt", "final.ckpt", "final.safetensors"] {
        remove(&place, file);
    }
    place.train(["--epochs", "3", "--resume"]).success();
    place.all_contents(RUN).assert_same(&before, "made anew");
}

#[test]
fn less_patience_than_a_fit_has_used_up_is_refused() {
    let place = Place::new();
    // Adam at this rate gets worse within a few epochs.
    let train = |patience: &str, more: &[&str]| {
        let flags = ["--learning-rate", "0.02", "--averaging", "0", "--epochs", "60", "--patience", patience];
        place.train([&flags, more].concat())
    };
    train("6", &[]).success();
    let before = place.all_contents(RUN);
    let refused = train("1", &["--resume"]);
    assert_fails(
        refused,
        &["--patience 6, and trained for", "1, which would have ended it after epoch", "without --resume"],
    );
    place.all_contents(RUN).assert_same(&before, "less patience");

    // As much as it has used up is enough.
    train("6", &["--resume"]).success();
    place.all_contents(RUN).assert_same(&before, "the same patience");
}

/// Parts b and c, of few candidates.
const B_AND_C: [&str; 10] =
    ["b", "c", "--data", "synthetic", "--quick", "--epochs", "1", "--candidates", "2", "--threads=1"];

#[test]
fn a_command_that_is_refused_has_moved_nothing() {
    let place = Place::new();
    place.run(B_AND_C).success();
    let before = place.all_contents(FOLDER);

    let lock = File::create(place.path(RUN).with_extension("lock")).unwrap();
    lock.try_lock().unwrap();
    assert_fails(place.run(B_AND_C), &["runs/ex08/b/seed-42: another process trains here", "--out"]);
    place.all_contents(FOLDER).assert_same(&before, "part b's folder is in use");
    drop(lock);

    let lock = File::create(place.path("runs/ex08/c.lock")).unwrap();
    lock.try_lock().unwrap();
    assert_fails(place.run(B_AND_C), &["runs/ex08/c: another process", "--out"]);
    place.all_contents(FOLDER).assert_same(&before, "part c's folder is in use");
    drop(lock);

    let lock = File::options().write(true).open(place.path("runs/ex08/report.lock")).unwrap();
    lock.try_lock().unwrap();
    assert_fails(place.run(B_AND_C), &["runs/ex08/report: another process", "--out"]);
    place.all_contents(FOLDER).assert_same(&before, "the report is being written");
    drop(lock);

    fs::write(place.path("runs/ex08/d"), "mine").unwrap();
    let before = place.all_contents(FOLDER);
    assert_fails(place.train(["d", "--epochs", "1"]), &["runs/ex08/d", "--out"]);
    place.all_contents(FOLDER).assert_same(&before, "a file is in the place of part d's folder");
}

#[test]
fn trials_without_their_description_are_moved_aside_or_refused() {
    let place = Place::new();
    let search = |more: &[&str]| {
        let flags = ["c", "--data", "synthetic", "--quick", "--epochs", "1", "--candidates", "2"];
        place.run([&flags, more].concat())
    };
    let text = stderr(&search(&["--folds", "3"]).success());
    assert!(!text.contains("moved"), "{text}");
    fs::remove_file(place.path("runs/ex08/c/search.json")).unwrap();
    let before = place.all_contents("runs/ex08/c");
    assert_fails(search(&["--folds", "2", "--shard", "1/2"]), &["trials-1-of-1.jsonl", "search.json", "--out"]);
    place.all_contents("runs/ex08/c").assert_same(&before, "a share of another search");
    let text = stderr(&search(&["--folds", "2", "--resume"]).success());
    assert_eq!(text.matches("was moved to").count(), 1, "{text}");
    assert!(text.contains("runs/ex08/c.previous-1"), "{text}");
    place.all_contents("runs/ex08/c.previous-1").assert_same(&before, "an earlier search");
}
