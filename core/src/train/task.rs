//! The task that a network is trained for.

use dfdx::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::{Recipe, TrainingState};
use crate::metrics::Evaluation;
use crate::nets::{BatchLoss, Parameters, Tally};

/// A task for networks of type `M`: examples to train on, a loss, and an evaluation on validation data.
///
/// [`train_epoch`](super::train_epoch) trains for any task, and [`fit_task`](super::fit_task) stops, saves and resumes
/// it.
pub trait Task<M> {
    /// What identifies an example, such as the number of a row. It should be cheap to copy.
    type Example;

    /// Draws the examples of one epoch, in the order in which batches of `batch_size` take them.
    ///
    /// Only the generator may decide what is drawn: it is saved with the state of training, so that a resumed fit draws
    /// the same.
    fn draw_epoch(&self, batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<Self::Example>;

    /// Computes the mean loss of a batch, recorded on a tape with these gradients.
    fn loss(
        &self,
        network: &mut M,
        batch: &[Self::Example],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError>;

    /// Trains the network for one epoch on newly drawn examples; stops at a batch whose loss is not finite. Returns the
    /// losses and the correct answers, each batch's measured just before its step.
    ///
    /// [`train_on_tape`](super::train_on_tape) does this for any task; a task may have a faster way.
    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError>
    where
        M: Parameters;

    /// Measures the running statistics of batch normalisation anew, on training examples, for weights that no step left
    /// behind: an average of them. Without batch normalisation, nothing changes.
    fn measure_statistics(&self, network: &mut M);

    /// Evaluates the network on the validation data.
    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError>;

    /// Describes the sizes of the training and validation data: `28,038 train, 2,558 validation`.
    fn sizes(&self) -> String;

    /// Returns the SHA-256 of all data of the task, so that a resumed fit can check that they are the same.
    fn sha256(&self) -> [u8; 32];
}
