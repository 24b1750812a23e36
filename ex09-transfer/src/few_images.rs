//! The few images that exercise 9 trains on.

use std::time::{Duration, Instant};

use ch11_core::data::{Dataset, Digits, PIXELS};
use ch11_core::nets::Batch;
use ch11_core::train::cache;
use dfdx::prelude::{CpuError, Module};

/// Images of each digit to train on.
const TRAINING_IMAGES: usize = 100;
/// Images of each digit that decide when to stop: as few as one would have.
const VALIDATION_IMAGES: usize = 30;

/// The digits 5 to 9, 100 images each to train on and 30 to validate on, the first of each, or all where there are fewer; and all test
/// images.
#[derive(Debug)]
pub struct FewImages {
    pub train: Dataset<PIXELS>,
    pub validation: Dataset<PIXELS>,
    pub test: Dataset<PIXELS>,
}

impl FewImages {
    pub fn of(digits: &Digits) -> Self {
        Self {
            train: digits.train.first_of_each(TRAINING_IMAGES),
            validation: digits.validation.first_of_each(VALIDATION_IMAGES),
            test: digits.test.clone(),
        }
    }

    /// Says how many images of each digit there are to train on: `100`, or, where the data have fewer of some, `12 to 100`.
    pub fn per_digit(&self) -> String {
        let counts = self.train.class_counts();
        let (least, most) = (counts.iter().min().unwrap_or(&0), counts.iter().max().unwrap_or(&0));
        if least == most { most.to_string() } else { format!("{least} to {most}") }
    }

    /// Sends the training and the validation images through layers that stay as they are, once, each `(n, 784) -> (n, 100)`, and
    /// returns how long that took, too.
    pub fn through<L>(&self, layers: &L) -> ch11_core::Result<(Dataset<100>, Dataset<100>, Duration)>
    where
        L: Module<Batch<PIXELS>, Output = Batch<100>, Error = CpuError>,
    {
        let started = Instant::now();
        let (train, validation) = (cache(layers, &self.train)?, cache(layers, &self.validation)?);
        Ok((train, validation, started.elapsed()))
    }
}
