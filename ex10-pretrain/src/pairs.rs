//! The pairs to train, to validate and to test on.

use std::ops::Range;

use anyhow::Context;
use ch11_core::data::{Augmentation, Dataset, PIXELS, PairSource};
use ch11_core::text::thousands;
use ch11_core::train::{FixedPairs, PairTask};

use crate::splits::Splits;

/// One image in 11 of split #1 is held out for validation pairs: 5,000 of 55,000.
const IMAGES_PER_VALIDATION_IMAGE: usize = 11;

/// Validation pairs there are for each image to draw them from: 10,000 of 5,000 images. Test pairs are as many as test images, as in
/// the reference notebook.
const VALIDATION_PAIRS_PER_IMAGE: usize = 2;

/// All runs validate and test on the same pairs, whatever their seeds.
const VALIDATION_SEED: u64 = 1;
const TEST_SEED: u64 = 2;

/// The pairs of exercise 10.
///
/// Split #1 is the 55,000 training images. Its last eleventh is for validation pairs and its other images are for training pairs; no
/// image is in both. Split #2, the other 5,000, has no part in the pairs. Test pairs are of test images.
#[derive(Debug)]
pub struct PairSets<'a> {
    /// Pairs to train on, and to validate on.
    pub task: PairTask<'a>,
    /// Pairs to test on, once.
    pub test: FixedPairs<'a>,
}

impl<'a> PairSets<'a> {
    /// Splits the images and draws what is fixed.
    ///
    /// # Errors
    /// If there are too few images of a digit.
    pub fn of(splits: Splits<'a>) -> anyhow::Result<Self> {
        let Splits { first, test, .. } = splits;
        let first_held_out = training_images(splits);
        let source = |name: &str, images: &Dataset<PIXELS>, rows: Range<usize>| {
            let count = thousands(rows.len());
            PairSource::new(images, rows).with_context(|| format!("cannot draw pairs of the {count} {name} images"))
        };
        let training = source("training", first, 0..first_held_out)?;
        let validation = source("validation", first, first_held_out..first.len())?;
        let test_source = source("test", test, 0..test.len())?;
        let validation_pairs = VALIDATION_PAIRS_PER_IMAGE * (first.len() - first_held_out);
        let validation = FixedPairs::draw(first, &validation, validation_pairs, VALIDATION_SEED);
        Ok(Self {
            task: PairTask {
                images: first,
                source: training,
                training_images: first_held_out,
                validation,
                augmentation: Augmentation::OFF,
            },
            test: FixedPairs::draw(test, &test_source, test.len(), TEST_SEED),
        })
    }

    /// Distorts the images of training pairs, each whenever it is drawn.
    pub fn augmented(mut self, augmentation: Augmentation) -> Self {
        self.task.augmentation = augmentation;
        self
    }
}

/// Returns how many images of split #1 training pairs are drawn from: 50,000, the first ones.
pub fn training_images(splits: Splits<'_>) -> usize {
    splits.first.len() - splits.first.len() / IMAGES_PER_VALIDATION_IMAGE
}
