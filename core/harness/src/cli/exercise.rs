//! What a program needs to know of its exercise.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// An exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Its number.
    pub number: &'static str,
    /// Its digits.
    pub digits: RangeInclusive<u8>,
    /// How many seeds there are unless `--seeds` says otherwise; with `--quick` there is one.
    pub seeds: &'static str,
    /// The fits whose networks the tools can use, in the run folder; the first that has ended is taken.
    pub fits: &'static [&'static str],
    /// The command that trains one of them.
    pub command: &'static str,
}

impl Exercise {
    /// Returns the run folder: the one that was asked for, or `runs/ex08` and so on.
    pub fn folder(&self, out: Option<&Path>) -> PathBuf {
        out.map_or_else(|| format!("runs/ex{:0>2}", self.number).into(), Path::to_owned)
    }
}
