//! The binary, and where it keeps things.

use std::path::Path;

use ch11_testing::Binary;
pub use ch11_testing::{
    FILES, ROW, Running, TIMEOUT, assert_fails, assert_run, assert_spreads, assert_verdicts, keys, line_of, sorted,
    stderr, stdout,
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
