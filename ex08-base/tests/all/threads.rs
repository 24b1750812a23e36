//! Where the system allows no second thread.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::common::{Place, assert_fails};
use assert_cmd::assert::Assert;

/// A user that has no processes; limits of them do not bind the superuser.
const NOBODY: u32 = 61_234;

/// Runs the binary where no second thread can be started.
fn run_alone(place: &Place, args: &[&str]) -> Assert {
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -u 1 && exec ./ex08-base \"$@\"", "bash"]).args(args);
    place.clean(&mut command);
    if nix::unistd::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    assert_cmd::Command::from_std(command).timeout(crate::common::TIMEOUT).assert()
}

#[test]
fn one_thread_needs_no_other() {
    let place = Place::new();
    fs::copy(assert_cmd::cargo::cargo_bin!("ex08-base"), place.path("ex08-base")).unwrap();
    fs::set_permissions(place.path("."), fs::Permissions::from_mode(0o777)).unwrap();
    let train = ["b", "c", "--candidates", "2", "--data", "synthetic", "--quick", "--epochs", "1", "--offline"];
    let alone = |threads: &str| run_alone(&place, &[&train[..], &["--threads", threads]].concat());
    assert_fails(
        alone("2"),
        &["--threads 2", "cannot start as many: Resource temporarily unavailable", "ask for fewer"],
    );
    alone("1").success();
    run_alone(&place, &["logits", "logits", "--data", "synthetic", "--offline"]).success();
    run_alone(&place, &["draw"]).success();
}
