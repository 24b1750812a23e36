//! Classification as a task.

use dfdx::prelude::*;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::fused_epoch::train_fused;
use super::random::{dropout_device, shuffled};
use super::statistics::measure;
use super::{Recipe, Task, TrainingState};
use crate::data::Dataset;
use crate::fused::FusedClassifier;
use crate::metrics::{Evaluation, evaluate_on_threads};
use crate::nets::{BatchLoss, Classifier, Constant, Tally};
use crate::text::thousands;

/// Classification of instances of `D` features, with labels below `CLASSES`.
///
/// An epoch is every training row once, in a new order.
#[derive(Debug, Clone, Copy)]
pub struct Classification<'a, const D: usize, const CLASSES: usize> {
    train: &'a Dataset<D>,
    validation: &'a Dataset<D>,
    threads: usize,
}

impl<'a, const D: usize, const CLASSES: usize> Classification<'a, D, CLASSES> {
    /// Makes a task of training rows and validation rows.
    ///
    /// # Panics
    /// If a dataset is empty or has another number of classes.
    pub fn new(train: &'a Dataset<D>, validation: &'a Dataset<D>) -> Self {
        for data in [train, validation] {
            assert!(!data.is_empty(), "training and validation need rows");
            assert_eq!(data.classes(), CLASSES, "the classes of the data");
        }
        Self { train, validation, threads: 1 }
    }

    /// Shares the work of each step between two threads, and that of an evaluation among all of `threads`; the results are
    /// the same, to the last bit.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }
}

impl<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize> Task<M> for Classification<'_, D, CLASSES> {
    type Example = usize;

    fn draw_epoch(&self, _: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
        shuffled(self.train.len(), rng)
    }

    fn loss(
        &self,
        network: &mut M,
        rows: &[usize],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError> {
        let (x, labels) = self.train.batch(rows, device);
        let logits = network.try_forward_mut(Constant(x.traced(gradients)))?;
        BatchLoss::multiclass(logits, &labels)
    }

    /// Takes fused steps, without a tape.
    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError> {
        let (layers, batch_size, averages) = (state.network.layers(), recipe.batch_size.get(), state.average.is_some());
        let dropout = dropout_device(&state.rng);
        let rows = shuffled(self.train.len(), &mut state.rng);
        let mut kept = std::mem::take(&mut state.kept);
        let tally =
            FusedClassifier::with(&mut kept, layers, self.train, batch_size, self.threads, averages, |classifier| {
                train_fused(classifier, state.any(), recipe, &rows, &dropout)
            });
        state.kept = kept;
        Ok(tally)
    }

    fn measure_statistics(&self, network: &mut M) {
        let layers = network.layers();
        measure(network, layers, self.train);
    }

    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError> {
        Ok(evaluate_on_threads(network, self.validation, self.threads))
    }

    fn sizes(&self) -> String {
        let [train, validation] = [self.train.len(), self.validation.len()].map(thousands);
        format!("{train} train, {validation} validation")
    }

    fn sha256(&self) -> [u8; 32] {
        Sha256::digest([self.train.sha256(), self.validation.sha256()].concat()).into()
    }
}
