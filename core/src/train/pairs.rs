//! Comparing two images as a task.

use dfdx::prelude::*;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::fused_epoch::train_fused;
use super::random::{distortion_seeds, dropout_device};
use super::statistics::measure_on_pairs;
use super::{Recipe, Task, TrainingState};
use crate::data::{Augmentation, Dataset, Drawn, DrawnPair, PIXELS, Pair, PairSource};
use crate::fused::FusedPair;
use crate::metrics::{Evaluation, evaluate_logits};
use crate::nets::{BatchLoss, Comparer, Constant, PairBatch, Tally, copy_out};
use crate::text::thousands;

/// How many pairs go through a network together in an evaluation.
const EVALUATION_BATCH: usize = 500;

/// Telling pairs of the same digit from pairs of different digits. Every epoch has new pairs, as many as there are
/// training images.
#[derive(Debug)]
pub struct PairTask<'a> {
    /// The images of all pairs.
    pub images: &'a Dataset<PIXELS>,
    /// The source of training pairs.
    pub source: PairSource,
    /// The number of images that training pairs are drawn from.
    pub training_images: usize,
    /// The validation pairs.
    pub validation: FixedPairs<'a>,
    /// How images are distorted, each anew whenever it is drawn for a training pair.
    pub augmentation: Augmentation,
}

impl PairTask<'_> {
    /// Returns the number of training pairs in an epoch.
    pub fn pairs_per_epoch(&self) -> usize {
        self.training_images
    }

    fn draw_pairs(&self, batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<Pair> {
        let mut pairs = Vec::with_capacity(self.pairs_per_epoch());
        while pairs.len() < self.pairs_per_epoch() {
            pairs.extend(self.source.draw(batch_size.min(self.pairs_per_epoch() - pairs.len()), rng));
        }
        pairs
    }

    /// Takes a batch of pairs, `(n, 784)` each, with their labels, `(n)`.
    fn take(&self, drawn: &[DrawnPair], device: &Cpu) -> (PairBatch, Vec<u8>) {
        let images = |number: usize, row: fn(&Pair) -> usize| {
            let drawn: Vec<Drawn> =
                drawn.iter().map(|it| Drawn { row: row(&it.pair), seed: it.seeds[number] }).collect();
            self.augmentation.batch(self.images, &drawn, device).0
        };
        let labels = drawn.iter().map(|it| it.pair.relation.label()).collect();
        ((images(0, |pair| pair.first), images(1, |pair| pair.second)), labels)
    }
}

impl<M: Comparer> Task<M> for PairTask<'_> {
    type Example = DrawnPair;

    fn draw_epoch(&self, batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<DrawnPair> {
        let mut seeds = distortion_seeds(rng);
        let drawn = |pair| DrawnPair { pair, seeds: [seeds.next_u64(), seeds.next_u64()] };
        self.draw_pairs(batch_size, rng).into_iter().map(drawn).collect()
    }

    fn loss(
        &self,
        network: &mut M,
        drawn: &[DrawnPair],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError> {
        let ((first, second), labels) = self.take(drawn, device);
        let logits = network.try_forward_mut(Constant((first.traced(gradients), second)))?;
        BatchLoss::binary(logits, &labels)
    }

    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError> {
        let (batch_size, averages) = (recipe.batch_size.get(), state.average.is_some());
        let dropout = dropout_device(&state.rng);
        let most = batch_size.min(self.pairs_per_epoch());
        let mut fused = FusedPair::new(state.network.layers(), self.images, most, averages);
        if self.augmentation.is_off() {
            let pairs = self.draw_pairs(batch_size, &mut state.rng);
            return Ok(train_fused(&mut fused, state.any(), recipe, &pairs, &dropout));
        }
        let (drawn, distorter) =
            (Task::<M>::draw_epoch(self, batch_size, &mut state.rng), self.augmentation.distorter());
        Ok(train_fused(&mut fused.augmented(&distorter), state.any(), recipe, &drawn, &dropout))
    }

    fn measure_statistics(&self, network: &mut M) {
        let layers = network.layers();
        measure_on_pairs(network, layers, self.images, &self.source, self.augmentation);
    }

    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError> {
        self.validation.evaluate(network)
    }

    fn sizes(&self) -> String {
        let [train, validation] = [self.pairs_per_epoch(), self.validation.pairs.len()].map(thousands);
        format!("{train} pairs an epoch{}, {validation} validation pairs", self.augmentation.in_words())
    }

    fn sha256(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.images.sha256());
        hasher.update((self.training_images as u64).to_le_bytes());
        for Pair { first, second, .. } in &self.validation.pairs {
            hasher.update([*first, *second].map(|row| (row as u64).to_le_bytes()).concat());
        }
        self.augmentation.add_to(hasher).finalize().into()
    }
}

/// Pairs that stay the same, for validation or testing.
#[derive(Debug)]
pub struct FixedPairs<'a> {
    /// The images of the pairs.
    pub images: &'a Dataset<PIXELS>,
    /// The pairs.
    pub pairs: Vec<Pair>,
}

impl<'a> FixedPairs<'a> {
    /// Draws `count` pairs from `source`, with this seed.
    pub fn draw(images: &'a Dataset<PIXELS>, source: &PairSource, count: usize, seed: u64) -> Self {
        Self { images, pairs: source.draw(count, &mut ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// Evaluates a network on the pairs.
    pub fn evaluate(&self, network: &impl Comparer) -> Result<Evaluation, CpuError> {
        let (mut values, mut logits) = (copy_out(network), Vec::with_capacity(self.pairs.len()));
        let batch_size = EVALUATION_BATCH.min(self.pairs.len());
        let mut fused = FusedPair::for_inference(network.layers(), &mut values, self.images, batch_size);
        for pairs in self.pairs.chunks(EVALUATION_BATCH) {
            fused.logits(pairs, |logit| logits.push(logit));
        }
        let labels: Vec<u8> = self.pairs.iter().map(|pair| pair.relation.label()).collect();
        Ok(evaluate_logits(&logits, &labels))
    }

    /// Counts the pairs by the digits of their images: row `i`, column `j` has those with `i` first and `j` second.
    pub fn digit_table(&self) -> Vec<Vec<usize>> {
        let digit = |row: usize| usize::from(self.images.labels()[row]);
        let mut table = vec![vec![0; self.images.classes()]; self.images.classes()];
        for pair in &self.pairs {
            table[digit(pair.first)][digit(pair.second)] += 1;
        }
        table
    }
}
