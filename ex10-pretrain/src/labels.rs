//! Labelled images, and what is trained on them.

use std::borrow::Cow;

use anyhow::bail;
use ch11_core::data::{Augmentation, Dataset, Fold, PIXELS};
use ch11_core::nets::{DeepNet, Dropout, DropoutDeepNet, Frozen, Hidden, Linear, build};
use ch11_core::text::thousands;
use ch11_core::train::Classification;
use ch11_harness::cli::SeedRun;
use ch11_harness::report::Tested;

use crate::part_a::HiddenHead;
use crate::splits::Splits;

/// One image in so many of split #2 is kept from training, to validate on: 500 of 5,000.
const IMAGES_PER_VALIDATION_IMAGE: usize = 10;
/// Which ones, in all runs.
const SPLIT_SEED: u64 = 1;

/// The classifier: A's hidden layers, or others like them, under ten logits.
pub type Classifier = DeepNet<10>;

/// The classifier with frozen hidden layers.
type OnFrozen = (
    Frozen<Hidden<PIXELS, 100>>,
    Frozen<Hidden<100, 100>>,
    Frozen<Hidden<100, 100>>,
    Frozen<Hidden<100, 100>>,
    Frozen<Hidden<100, 100>>,
    Linear<100, 10>,
);

/// Labelled images to train on, to validate on and to test on.
#[derive(Debug, Clone)]
pub struct Labels<'a> {
    train: Cow<'a, Dataset<PIXELS>>,
    validation: Cow<'a, Dataset<PIXELS>>,
    test: &'a Dataset<PIXELS>,
    augmentation: Augmentation,
}

impl<'a> Labels<'a> {
    /// Splits split #2, which the pairs have no part in, with equal shares of each digit: 4,500 images to train on, 500 to validate on.
    ///
    /// # Errors
    /// If there are too few.
    pub fn few(splits: Splits<'a>) -> anyhow::Result<Self> {
        let images = splits.second;
        if images.len() < IMAGES_PER_VALIDATION_IMAGE {
            bail!("split #2 has {} images, and needs {IMAGES_PER_VALIDATION_IMAGE} at least", images.len());
        }
        let Fold { train, held_out } = images.stratified_folds(IMAGES_PER_VALIDATION_IMAGE, SPLIT_SEED).get(0);
        let (train, validation) = (Cow::Owned(train), Cow::Owned(held_out));
        Ok(Self { train, validation, test: splits.test, augmentation: Augmentation::OFF })
    }

    /// Takes split #1, whose digits the pairs do not name, to train on, and split #2 to validate on.
    pub fn all(Splits { first, second, test }: Splits<'a>) -> Self {
        let (train, validation) = (Cow::Borrowed(first), Cow::Borrowed(second));
        Self { train, validation, test, augmentation: Augmentation::OFF }
    }

    /// Distorts each image to train on whenever it is drawn.
    pub fn augmented(self, augmentation: Augmentation) -> Self {
        Self { augmentation, ..self }
    }

    /// Draws so many of each digit to train on, or takes all of a digit that has fewer; validation stays the same.
    pub fn draw(&self, of_each: usize, seed: u64) -> Self {
        Self { train: Cow::Owned(self.train.draw_of_each(of_each, seed)), ..self.clone() }
    }

    /// Returns how many images of a digit there are to train on, of that which has the fewest.
    pub fn fewest_of_a_digit(&self) -> usize {
        self.train.class_counts().into_iter().min().unwrap_or(0)
    }

    /// Writes how many images there are to train on, and to validate on.
    pub fn sizes(&self) -> [String; 2] {
        [&self.train, &self.validation].map(|set| thousands(set.len()))
    }

    /// Drops DNN B and the head, freezes A's hidden layers, and trains a new output layer on what they make of the images, computed once.
    pub fn fit_on_cache(&self, run: &SeedRun<'_>, pretrained: &HiddenHead) -> anyhow::Result<Tested<Classifier>> {
        let frozen = Frozen(pretrained.a.clone());
        let output: (Linear<100, 10>,) = (build(run.seed),);
        let whole = |(output,)| {
            let Frozen((h1, h2, h3, h4, h5)) = frozen.clone();
            (h1, h2, h3, h4, h5, output)
        };
        run.fit_on_cache(&frozen, (output, whole), &self.train, &self.validation, self.test)
    }

    /// Does the same with images that are distorted, which nothing can be computed of once.
    pub fn fit_on_frozen(&self, run: &SeedRun<'_>, pretrained: &HiddenHead) -> anyhow::Result<Tested<Classifier>> {
        let (h1, h2, h3, h4, h5) = pretrained.a.clone();
        let network: OnFrozen = (Frozen(h1), Frozen(h2), Frozen(h3), Frozen(h4), Frozen(h5), build(run.seed));
        let tested = run.fit_classifier_and_test(network, &self.task(run), self.test)?;
        Ok(tested
            .map(|(Frozen(h1), Frozen(h2), Frozen(h3), Frozen(h4), Frozen(h5), output)| (h1, h2, h3, h4, h5, output)))
    }

    /// Trains all layers of a network below dropout of the pixels, at this rate, which does nothing in inference and is taken away again.
    pub fn fit(&self, run: &SeedRun<'_>, network: Classifier, rate: f32) -> anyhow::Result<Tested<Classifier>> {
        let tested = run.fit_classifier_and_test(with_dropout(network, rate), &self.task(run), self.test)?;
        Ok(tested.map(without_dropout))
    }

    fn task<'t>(&'t self, run: &'t SeedRun<'_>) -> Classification<'t, PIXELS, 10> {
        run.classification(&self.train, &self.validation).augmented(self.augmentation)
    }
}

fn with_dropout(network: Classifier, rate: f32) -> DropoutDeepNet<10> {
    let ((l1, e1), (l2, e2), (l3, e3), (l4, e4), (l5, e5), output) = network;
    let (pixels, hidden) = (Dropout { rate }, Dropout { rate: 0.0 });
    let (h1, h2, h3) = ((pixels, l1, e1), (hidden, l2, e2), (hidden, l3, e3));
    (h1, h2, h3, (hidden, l4, e4), (hidden, l5, e5), (hidden, output))
}

fn without_dropout(network: DropoutDeepNet<10>) -> Classifier {
    let ((_, l1, e1), (_, l2, e2), (_, l3, e3), (_, l4, e4), (_, l5, e5), (_, output)) = network;
    ((l1, e1), (l2, e2), (l3, e3), (l4, e4), (l5, e5), output)
}
