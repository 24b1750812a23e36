//! The binary, and where it keeps things.

use std::path::Path;

use ch11_testing::Binary;
pub use ch11_testing::{
    FILES, ROW, Running, assert_fails, assert_run, assert_spreads, assert_verdicts, keys, line_of, sorted, stderr,
    stdout, timeless, without_verdicts,
};

pub struct Ex10;

impl Binary for Ex10 {
    const SYNTHETIC: &[&str] = &["--data", "synthetic", "--quick"];

    fn path() -> &'static Path {
        assert_cmd::cargo::cargo_bin!("ex10-pretrain")
    }
}

pub type Place = ch11_testing::Place<Ex10>;

/// Exercise 10's run folder unless `--out` names another.
pub const FOLDER: &str = "runs/ex10";
