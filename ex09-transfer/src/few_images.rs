//! The few images that exercise 9 trains on.

use ch11_core::data::{Dataset, Digits, PIXELS};

/// Images of each digit to train on.
const TRAINING_IMAGES: usize = 100;
/// Images of each digit that decide when to stop: as few as one would spare who has 100 to train on.
const VALIDATION_IMAGES: usize = 30;

/// The digits 5 to 9: the first 100 training and 30 validation images of each, or all where there are fewer, and all
/// test images.
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
}
