//! Telling whether two images show the same digit, as a task to train for.

use std::ops::Range;

use anyhow::Context;
use ch11_core::data::{Dataset, PIXELS, Pair, PairSource};
use ch11_core::metrics::{Evaluation, evaluate_logits};
use ch11_core::nets::{Architecture, Batch, BatchLoss, Constant, GradientTape, Parameters, Tally};
use ch11_core::text::thousands;
use ch11_core::train::{Recipe, Task, TrainingState, train_on_tape};
use dfdx::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use crate::part_a::PairBatch;
use crate::splits::Splits;

/// One in so many images of split #1 is kept from training, for validation pairs: 5,000 of 55,000.
const IMAGES_PER_VALIDATION_IMAGE: usize = 11;

/// Validation pairs there are for each image to draw them from: 10,000 of 5,000 images. Test pairs are as many as test images, as in
/// the reference notebook.
const VALIDATION_PAIRS_PER_IMAGE: usize = 2;

/// All runs validate and test on the same pairs, whatever their seeds.
const VALIDATION_SEED: u64 = 1;
const TEST_SEED: u64 = 2;

/// Pairs that are sent through a network together when it is evaluated.
const EVALUATION_BATCH: usize = 500;

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
        let first_held_out = first.len() - first.len() / IMAGES_PER_VALIDATION_IMAGE;
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
            task: PairTask { images: first, source: training, training_images: first_held_out, validation },
            test: FixedPairs::draw(test, &test_source, test.len(), TEST_SEED),
        })
    }
}

/// Telling pairs of the same digit from others. Every epoch learns from new pairs, as many as there are images to draw them from.
#[derive(Debug)]
pub struct PairTask<'a> {
    pub images: &'a Dataset<PIXELS>,
    pub source: PairSource,
    pub training_images: usize,
    pub validation: FixedPairs<'a>,
}

impl PairTask<'_> {
    /// Returns how many pairs make an epoch.
    pub fn pairs_per_epoch(&self) -> usize {
        self.training_images
    }
}

/// A network that compares two images, and can be trained to: a pair of `(n, 784)` `-> (n, 1)`.
pub trait Comparer:
    Parameters
    + Architecture
    + Module<PairBatch, Output = Batch<1>, Error = CpuError>
    + ModuleMut<Constant<PairBatch<GradientTape>>, Output = Batch<1, GradientTape>, Error = CpuError>
{
}

impl<M> Comparer for M where
    M: Parameters
        + Architecture
        + Module<PairBatch, Output = Batch<1>, Error = CpuError>
        + ModuleMut<Constant<PairBatch<GradientTape>>, Output = Batch<1, GradientTape>, Error = CpuError>
{
}

impl<M: Comparer> Task<M> for PairTask<'_> {
    type Example = Pair;

    fn draw_epoch(&self, batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<Pair> {
        let mut pairs = Vec::with_capacity(self.pairs_per_epoch());
        while pairs.len() < self.pairs_per_epoch() {
            pairs.extend(self.source.draw(batch_size.min(self.pairs_per_epoch() - pairs.len()), rng));
        }
        pairs
    }

    fn loss(
        &self,
        network: &mut M,
        pairs: &[Pair],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError> {
        let ((first, second), labels) = take(self.images, pairs, device);
        let logits = network.try_forward_mut(Constant((first.traced(gradients), second)))?;
        BatchLoss::binary(logits, &labels)
    }

    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError> {
        train_on_tape(self, state, recipe)
    }

    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError> {
        self.validation.evaluate(network)
    }

    fn sizes(&self) -> String {
        let [train, validation] = [self.pairs_per_epoch(), self.validation.pairs.len()].map(thousands);
        format!("{train} pairs an epoch, {validation} validation pairs")
    }

    fn sha256(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.images.sha256());
        hasher.update((self.training_images as u64).to_le_bytes());
        for Pair { first, second, .. } in &self.validation.pairs {
            hasher.update([*first, *second].map(|row| (row as u64).to_le_bytes()).concat());
        }
        hasher.finalize().into()
    }
}

/// Pairs that stay the same: to validate or to test on.
#[derive(Debug)]
pub struct FixedPairs<'a> {
    pub images: &'a Dataset<PIXELS>,
    pub pairs: Vec<Pair>,
}

impl<'a> FixedPairs<'a> {
    fn draw(images: &'a Dataset<PIXELS>, source: &PairSource, count: usize, seed: u64) -> Self {
        Self { images, pairs: source.draw(count, &mut ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// Compares what a network says of each pair with what is true.
    ///
    /// # Errors
    /// If there is not enough memory for a batch.
    pub fn evaluate(&self, network: &impl Comparer) -> Result<Evaluation, CpuError> {
        let device = Cpu::default();
        let mut logits = Vec::with_capacity(self.pairs.len());
        for pairs in self.pairs.chunks(EVALUATION_BATCH) {
            let (batch, _) = take(self.images, pairs, &device);
            logits.extend(network.try_forward(batch)?.as_vec());
        }
        let labels: Vec<u8> = self.pairs.iter().map(|pair| pair.relation.label()).collect();
        Ok(evaluate_logits(&logits, &labels))
    }

    /// Counts the pairs by the digits of their images: those of digit `i` before digit `j` are in row `i` and column `j`.
    pub fn digit_table(&self) -> Vec<Vec<usize>> {
        let digit = |row: usize| usize::from(self.images.labels()[row]);
        let mut table = vec![vec![0; self.images.classes()]; self.images.classes()];
        for pair in &self.pairs {
            table[digit(pair.first)][digit(pair.second)] += 1;
        }
        table
    }
}

/// Takes a batch of pairs out of the images, `(n, 784)` each, with their labels, `(n)`.
fn take(images: &Dataset<PIXELS>, pairs: &[Pair], device: &Cpu) -> (PairBatch, Vec<u8>) {
    let rows = |row: fn(&Pair) -> usize| pairs.iter().map(row).collect::<Vec<usize>>();
    let (first, _) = images.batch(&rows(|pair| pair.first), device);
    let (second, _) = images.batch(&rows(|pair| pair.second), device);
    ((first, second), pairs.iter().map(|pair| pair.relation.label()).collect())
}
