//! The binary, and where it keeps things.

use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use ch11_testing::Binary;
pub use ch11_testing::{
    FILES, ROW, Running, TIMEOUT, assert_fails, assert_run, assert_spreads, assert_verdicts, keys, line_of, sorted,
    stderr, stdout, timeless,
};

pub struct Ex08;

impl Binary for Ex08 {
    const SYNTHETIC: &[&str] = &["b", "--data", "synthetic", "--quick"];

    fn path() -> &'static Path {
        assert_cmd::cargo::cargo_bin!("ex08-base")
    }
}

pub type Place = ch11_testing::Place<Ex08>;

/// The run folder of seed 42 unless `--out` names another.
pub const RUN: &str = "runs/ex08/b/seed-42";

/// Exercise 8's run folder unless `--out` names another.
pub const FOLDER: &str = "runs/ex08";

/// Has another user run what root would, whom no permission binds; returns nothing if root may not have it so.
#[cfg(unix)]
pub fn bound_by_permissions(place: &Place, command: Command) -> Option<Command> {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65534;
    if !nix::unistd::geteuid().is_root() {
        return Some(command);
    }
    if Command::new("true").uid(NOBODY).status().is_err() {
        eprintln!("skipped: permissions do not bind this user, who may not be another");
        return None;
    }
    std::fs::set_permissions(place.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    let program = place.path("program");
    std::fs::copy(command.get_program(), &program).unwrap();
    let mut bound = Command::new(program);
    bound.args(command.get_args()).uid(NOBODY);
    place.clean(&mut bound);
    Some(bound)
}
