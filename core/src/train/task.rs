//! What a network is trained for.

use dfdx::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::{Recipe, TrainingState};
use crate::metrics::Evaluation;
use crate::nets::{BatchLoss, Parameters, Tally};

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

    /// Trains the network for one epoch on newly drawn examples, up to a batch whose loss is not finite. Returns the losses and the correct
    /// answers, each batch's measured just before its step.
    ///
    /// [`train_on_tape`](super::train_on_tape) does this for any task; a task may have a faster way to the same.
    ///
    /// # Errors
    /// If there is not enough memory for a batch.
    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError>
    where
        M: Parameters;

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
