//! The three sets of digits, and their origin.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::Dataset;
use crate::shown;

/// The rows and the columns of a digit's pixels.
pub const SIDE: usize = 28;
/// The pixels of a digit.
pub const PIXELS: usize = SIDE * SIDE;

/// One in this many training images is for validation, taken from the beginning: 5,000 of MNIST's 60,000.
pub(super) const TRAINING_IMAGES_PER_VALIDATION_IMAGE: usize = 12;

/// Digits in three sets, split as in the reference notebook: the first 5,000 of MNIST's training images are for
/// validation, the other 55,000 for training.
#[derive(Debug, Clone, PartialEq)]
pub struct Digits {
    /// What kind of digits they are.
    pub source: Source,
    /// Where they were found.
    pub origin: Origin,
    /// The digits to fit weights to: `(55000, 784)` in MNIST.
    pub train: Dataset<PIXELS>,
    /// The digits to base decisions on: `(5000, 784)` in MNIST.
    pub validation: Dataset<PIXELS>,
    /// The digits to evaluate on once, at the end: `(10000, 784)` in MNIST.
    pub test: Dataset<PIXELS>,
}

impl Digits {
    /// Keeps the digits in `labels`, in order, and renumbers them from 0, in all three sets.
    pub fn only(self, labels: RangeInclusive<u8>) -> Self {
        let [train, validation, test] = [self.train, self.validation, self.test].map(|set| set.only(labels.clone()));
        Self { train, validation, test, ..self }
    }
}

/// What kind of digits a data set has.
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
    /// Returns the name in JSON documents: `mnist`, `idx` or `synthetic`.
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
        f.write_str(match self {
            Self::Mnist => "MNIST",
            Self::Idx => "IDX files (not checked to be MNIST)",
            Self::Synthetic => "synthetic digits (not MNIST)",
        })
    }
}

/// Where digits were found; displayed as `from FOLDER`, `downloaded to FOLDER` or `drawn from seed 42`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The folder that held all four files.
    Folder(PathBuf),
    /// The cache folder, into which at least one file has just been downloaded.
    Downloaded(PathBuf),
    /// No files: they were drawn from this seed.
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
