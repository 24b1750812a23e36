//! Many fits under the limits that systems set: what runs at once is bounded, not what is asked for.

use std::ffi::OsStr;
use std::process::Command;

use crate::common::{FOLDER, Place, assert_fails};
use assert_cmd::assert::Assert;

/// Runs the binary after `ulimit` has set a limit.
fn limited(place: &Place, limit: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Assert {
    let command = place.command(args);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!(r#"ulimit {limit} && exec "$@""#), "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    place.clean(&mut shell);
    assert_cmd::Command::from_std(shell).timeout(crate::common::TIMEOUT).assert()
}

#[test]
fn more_seeds_than_open_files_are_trained() {
    let place = Place::new();
    let flags = ["--epochs", "1", "--seeds", "50", "--threads", "2"];
    for _ in 0..2 {
        limited(&place, "-n 40", Place::synthetic(flags)).success();
    }
    let fits = place.contents(FOLDER);
    let fits = fits.fits();
    assert_eq!(fits.iter().filter(|fit| fit.ends_with(".previous-1")).count(), 50);
    assert_eq!(fits.len(), 100);
}

#[test]
fn more_threads_than_open_files_allow_are_refused_before_anything_is_touched() {
    let place = Place::new();
    let flags = ["--epochs", "1", "--seeds", "2", "--threads", "100"];
    let refused = || limited(&place, "-n 64", Place::synthetic(flags));
    let says = ["--threads 100: found a limit of 64 open files, expected ", "ulimit -n ", "fewer threads"];
    assert_fails(refused(), &says);
    assert!(!place.path("runs").exists());
    place.train(["--epochs", "1"]).success();
    let before = place.all_contents(FOLDER);
    assert_fails(refused(), &says);
    place.all_contents(FOLDER).assert_same(&before, "refused");
}

/// A hundred folds of the drawn digits would take 230 MB.
#[cfg(target_os = "linux")]
#[test]
fn folds_take_memory_one_at_a_time() {
    let place = Place::new();
    let flags = ["c", "--data", "synthetic", "--quick", "--epochs", "1", "--candidates", "1", "--folds", "100"];
    limited(&place, "-v 250000", flags.into_iter().chain(["--threads", "1"])).success();
}
