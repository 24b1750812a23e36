#![doc = include_str!("README.md")]

mod ahead;
mod backward;
mod classifier;
mod forward;
mod network;
mod norm;
mod pair;
mod parameter_shard;
mod parameters;
mod plan;
mod rows;
mod stage_shard;
mod step;
#[cfg(test)]
mod tests;
mod towers;

pub(crate) use classifier::{FusedClassifier, Kept};
pub(crate) use network::FusedNetwork;
pub(crate) use pair::FusedPair;
pub(crate) use parameters::{FlatParameters, Update};
pub(crate) use rows::Batch;

use crate::nets::Tally;
use dfdx::prelude::Cpu;

/// A network that is trained on examples of some kind, in fused steps.
pub(crate) trait FusedTask<Example> {
    /// Copies the parameters in.
    fn load(&mut self, whole: &mut FlatParameters<'_>);

    /// Copies the parameters out.
    fn store(&mut self, whole: &mut FlatParameters<'_>);

    /// Returns for how many batches of this size it gets ready at once.
    fn batches_ahead(&self, _batch_size: usize) -> usize {
        usize::MAX
    }

    /// Gets ready for the examples that come next, in batches of this size.
    fn prepare(&mut self, _upcoming: &[Example], _batch_size: usize) {}

    /// Computes the loss of each example of a batch and, backwards, all gradients; returns the losses and the correct
    /// answers. Dropout is drawn from `device`.
    fn forward_backward(&mut self, batch: &[Example], device: &Cpu) -> Tally;

    /// Takes a step against the gradients of the last pass, of this batch.
    fn update(&mut self, batch: &[Example], update: Update);
}
