//! The binary, and where it keeps things.

use std::path::Path;

use ch11_testing::Binary;
pub use ch11_testing::{
    ROW, TIMEOUT, assert_fails, assert_run, assert_spreads, assert_verdicts, keys, line_of, sorted, stderr, stdout,
    timeless, values, without_verdicts,
};

pub struct Ex09;

impl Binary for Ex09 {
    const SYNTHETIC: &[&str] = &["--data", "synthetic", "--quick"];

    fn path() -> &'static Path {
        assert_cmd::cargo::cargo_bin!("ex09-transfer")
    }
}

pub type Place = ch11_testing::Place<Ex09>;

/// Exercise 9's run folder unless `--out` names another.
pub const FOLDER: &str = "runs/ex09";

/// Where exercise 8 keeps the network of seed 42 unless `--pretrained` names another folder.
pub const NETWORK: &str = "runs/ex08/b/seed-42/final.ckpt";

/// A place where exercise 8's network of seed 42 is.
pub fn place_with_network() -> Place {
    let place = Place::new();
    place.train(["a"]).success();
    place
}
