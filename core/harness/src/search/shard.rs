//! One process's share of a search.

use std::fmt;
use std::str::FromStr;

use super::Trial;

/// A process's share of a search, as in `2/5`: the second of five takes every fifth trial, from the second on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    /// The whole of a search.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Returns whether a trial belongs to this share.
    pub fn takes(self, trial: &Trial, folds: usize) -> bool {
        (trial.candidate * folds + trial.fold) % self.of == self.number - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("expected the number of a share and how many shares there are, as in 2/5".to_owned()),
        }
    }
}
