//! The two splits of the training images that the exercise asks for.

use ch11_core::data::{Dataset, Digits, PIXELS};

/// The training images in two splits: pairs are drawn from the first, classifiers are trained on the second. Test images are apart.
#[derive(Debug, Clone, Copy)]
pub struct Splits<'a> {
    /// Split #1: 55,000 images in MNIST.
    pub first: &'a Dataset<PIXELS>,
    /// Split #2: 5,000 images in MNIST.
    pub second: &'a Dataset<PIXELS>,
    /// The test images.
    pub test: &'a Dataset<PIXELS>,
}

impl<'a> Splits<'a> {
    /// Takes the images that other exercises validate on as the second split.
    pub fn of(digits: &'a Digits) -> Self {
        Self { first: &digits.train, second: &digits.validation, test: &digits.test }
    }
}
