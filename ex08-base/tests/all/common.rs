//! The binary, and where it keeps things.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use ch11_testing::Binary;
pub use ch11_testing::{FILES, ROW, Running, TIMEOUT, assert_fails, keys, line_of, sorted, stderr, stdout};

pub struct Ex08;

impl Binary for Ex08 {
    const SYNTHETIC: &[&str] = &["b", "--data", "synthetic", "--quick"];

    fn path() -> &'static Path {
        assert_cmd::cargo::cargo_bin!("ex08-base")
    }
}

pub type Place = ch11_testing::Place<Ex08>;

/// Adds parts and flags to [`Binary::SYNTHETIC`].
pub fn synthetic<S: AsRef<OsStr>>(more: impl IntoIterator<Item = S>) -> Vec<OsString> {
    Place::synthetic(more)
}

/// The run folder of seed 42 unless `--out` names another.
pub const RUN: &str = "runs/ex08/b/seed-42";

/// Exercise 8's run folder unless `--out` names another.
pub const FOLDER: &str = "runs/ex08";
