//! The number of folds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of folds of a cross-validation, from 2 to 100: one fold would leave nothing to train on, and more than a hundred
/// would take longer than they tell.
///
/// # Example
/// ```
/// use ch11_harness::search::FoldCount;
///
/// assert_eq!(FoldCount::new(3).map(FoldCount::get), Some(3));
/// assert_eq!([0, 1, 101].map(FoldCount::new), [None; 3]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct FoldCount(usize);

impl FoldCount {
    const MOST: usize = 100;

    /// Makes a number of folds of a number from 2 to 100; any other is none.
    pub const fn new(folds: usize) -> Option<Self> {
        if folds >= 2 && folds <= Self::MOST { Some(Self(folds)) } else { None }
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
        Self::new(folds).ok_or_else(|| format!("folds: {folds}, expected a number from 2 to {}", Self::MOST))
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
    fn folds_that_leave_nothing_or_never_end_cannot_be_made_or_read() {
        let read = |json: &str| serde_json::from_str::<FoldCount>(json).map_err(|error| error.to_string());
        assert_eq!(read("2"), Ok(FoldCount(2)));
        for folds in [0, 1, 101, usize::MAX] {
            assert_eq!(FoldCount::new(folds), None);
            assert!(
                read(&folds.to_string())
                    .unwrap_err()
                    .contains(&format!("folds: {folds}, expected a number from 2 to 100"))
            );
        }
    }
}
