//! The three sets of digits, and where they came from.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::Dataset;
use crate::shown;

/// How many rows of pixels a digit has, and how many pixels a row.
pub const SIDE: usize = 28;
/// How many pixels a digit has.
pub const PIXELS: usize = SIDE * SIDE;

/// Digits split in three, as the reference splits them: of MNIST's training images, the first 5,000 are for validation
/// and the other 55,000 for training.
#[derive(Debug, Clone, PartialEq)]
pub struct Digits {
    /// What kind of digits they are.
    pub source: Source,
    /// Where they were found.
    pub origin: Origin,
    /// What weights are fitted to: `(55000, 784)` in MNIST.
    pub train: Dataset<PIXELS>,
    /// What decisions are taken on: `(5000, 784)` in MNIST.
    pub validation: Dataset<PIXELS>,
    /// What is read once, at the end: `(10000, 784)` in MNIST.
    pub test: Dataset<PIXELS>,
}

impl Digits {
    /// Keeps the digits in `labels`, in order, and renumbers them from 0, in all three sets.
    pub fn only(&self, labels: RangeInclusive<u8>) -> Self {
        Self {
            source: self.source,
            origin: self.origin.clone(),
            train: self.train.only(labels.clone()),
            validation: self.validation.only(labels.clone()),
            test: self.test.only(labels),
        }
    }
}

/// Tells MNIST from what only looks like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// MNIST: every file had the known SHA-256.
    Mnist,
    /// Files of MNIST's form with contents of their own, such as Fashion-MNIST.
    Idx,
    /// Drawn by [`synthetic`](super::synthetic).
    Synthetic,
}

impl Source {
    /// Returns what outputs say after `dataset:`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mnist => "MNIST",
            Self::Idx => "IDX files (not checked to be MNIST)",
            Self::Synthetic => "synthetic digits (not MNIST)",
        }
    }

    /// Returns what JSON documents say: `mnist`, `idx` or `synthetic`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::Idx => "idx",
            Self::Synthetic => "synthetic",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// Where digits were found; displayed as `from FOLDER`, `downloaded to FOLDER` or `drawn from seed 42`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The folder that held all four files.
    Folder(PathBuf),
    /// The cache folder, into which at least one file has just been downloaded.
    Downloaded(PathBuf),
    /// No file: they were drawn from this seed.
    Drawn {
        /// The seed.
        seed: u64,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "from {}", shown(folder)),
            Self::Downloaded(folder) => write!(f, "downloaded to {}", shown(folder)),
            Self::Drawn { seed } => write!(f, "drawn from seed {seed}"),
        }
    }
}
