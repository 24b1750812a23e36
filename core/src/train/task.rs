//! What a network is trained for.

use dfdx::prelude::*;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::epoch::train_on_tape;
use super::fused_epoch::{shuffled, train_fused};
use super::{Recipe, TrainingState};
use crate::data::Dataset;
use crate::metrics::{Evaluation, evaluate_on_threads};
use crate::nets::{BatchLoss, Classifier, Constant, Parameters, Tally};
use crate::text::thousands;

/// What networks of type `M` are trained for: examples to learn from, a loss, and others to watch the learning on.
///
/// [`train_epoch`](super::train_epoch) does the rest, and [`fit_task`](super::fit_task) stops it, saves it and resumes it, in the same
/// way for every task.
pub trait Task<M> {
    /// What tells one example from another, and is cheap to copy: the number of a row, for instance.
    type Example;

    /// Draws the examples of one epoch, in the order in which batches of `batch_size` take them.
    ///
    /// The generator is saved with the state of training: a resumed fit draws what it would have drawn. Nothing else may decide
    /// what is drawn.
    fn draw_epoch(&self, batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<Self::Example>;

    /// Returns what the network makes of a batch, with its mean loss recorded on a tape with these gradients.
    ///
    /// # Errors
    /// If there is not enough memory for the batch.
    fn loss(
        &self,
        network: &mut M,
        batch: &[Self::Example],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError>;

    /// Trains the network for one epoch on newly drawn examples, up to a batch whose loss is not finite, and returns what came of them, each
    /// batch measured just before its step. Here, that is a step per batch on dfdx's tape; a task may have a faster way to the same.
    ///
    /// # Errors
    /// If there is not enough memory for a batch.
    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError>
    where
        M: Parameters,
    {
        train_on_tape(self, state, recipe)
    }

    /// Watches the network on what it does not learn from.
    ///
    /// # Errors
    /// If there is not enough memory for a batch.
    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError>;

    /// Says how much there is to learn from and to watch on: `28,038 train, 2,558 validation`.
    fn sizes(&self) -> String;

    /// Returns a SHA-256 of all that the task is made of, so that a run can tell whether it goes on with the same.
    fn sha256(&self) -> [u8; 32];
}

/// Telling classes apart: instances of `D` features with labels below `CLASSES`.
///
/// An epoch is every row once, in a new order.
#[derive(Debug, Clone, Copy)]
pub struct Classification<'a, const D: usize, const CLASSES: usize> {
    train: &'a Dataset<D>,
    validation: &'a Dataset<D>,
    threads: usize,
}

impl<'a, const D: usize, const CLASSES: usize> Classification<'a, D, CLASSES> {
    /// Makes a task of rows to learn from and rows to watch on.
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

    /// Shares the work of a step among threads; its results stay the same, to the last bit.
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

    /// Without a tape, in fused steps.
    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError> {
        let layers = state.network.layers();
        Ok(train_fused(&layers, state.any(), recipe, self.train, self.threads))
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
