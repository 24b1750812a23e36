//! The number of folds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of folds of a cross-validation: at least 2, since one fold would leave nothing to train on.
///
/// # Example
/// ```
/// use ch11_harness::search::FoldCount;
///
/// assert_eq!(FoldCount::new(3).map(FoldCount::get), Some(3));
/// assert_eq!([0, 1].map(FoldCount::new), [None; 2]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct FoldCount(usize);

impl FoldCount {
    /// Makes a number of folds of a number from 2; any other is none.
    pub const fn new(folds: usize) -> Option<Self> {
        if folds >= 2 { Some(Self(folds)) } else { None }
    }

    /// Returns the number.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl From<FoldCount> for usize {
    fn from(folds: FoldCount) -> Self {
        folds.get()
    }
}

impl TryFrom<usize> for FoldCount {
    type Error = String;

    fn try_from(folds: usize) -> Result<Self, String> {
        Self::new(folds).ok_or_else(|| format!("folds: {folds}, expected at least 2"))
    }
}

impl fmt::Display for FoldCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_two_folds_cannot_be_made_or_read() {
        let read = |json: &str| serde_json::from_str::<FoldCount>(json).map_err(|error| error.to_string());
        assert_eq!(read("2"), Ok(FoldCount(2)));
        for folds in [0, 1] {
            assert_eq!(FoldCount::new(folds), None);
            assert!(read(&folds.to_string()).unwrap_err().contains(&format!("folds: {folds}, expected at least 2")));
        }
    }
}
