//! The few images that exercise 9 trains on.

use ch11_core::data::{Dataset, Digits, PIXELS};
use ch11_core::nets::{Batch, Classifier};
use ch11_harness::cli::SeedRun;
use ch11_harness::report::Tested;
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

    /// Trains `layers` on what `frozen` ones make of the images, computed once, and tests the whole network, which `whole` puts together.
    ///
    /// # Errors
    /// Those of [`SeedRun::fit_on_cache`].
    pub fn fit_above<L, M, W>(
        &self,
        run: &SeedRun<'_>,
        frozen: &L,
        layers: M,
        whole: impl Fn(M) -> W,
    ) -> anyhow::Result<Tested<W>>
    where
        L: Module<Batch<PIXELS>, Output = Batch<100>, Error = CpuError>,
        M: Classifier<100, 5>,
        W: Classifier<PIXELS, 5>,
    {
        run.fit_on_cache(frozen, (layers, whole), &self.train, &self.validation, &self.test)
    }

    /// Trains all of `network` that is not frozen on the images themselves, and tests it.
    ///
    /// # Errors
    /// Those of [`SeedRun::fit_and_test`].
    pub fn fit<M: Classifier<PIXELS, 5>>(&self, run: &SeedRun<'_>, network: M) -> anyhow::Result<Tested<M>> {
        run.fit_and_test(network, &self.train, &self.validation, &self.test)
    }
}
