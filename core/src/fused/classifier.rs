//! A classifier, trained on the rows of a dataset.

use dfdx::prelude::Cpu;

use super::FusedTask;
use super::network::FusedNetwork;
use super::parameters::{FlatParameters, Update};
use super::rows::Batch;
use crate::data::Dataset;
use crate::nets::{Layer, Tally};

/// A network, and the data that it is trained on.
pub(crate) struct FusedClassifier<'a, const D: usize> {
    network: FusedNetwork,
    data: &'a Dataset<D>,
}

impl<'a, const D: usize> FusedClassifier<'a, D> {
    /// Plans a network of these layers, for batches of at most `batch_size` rows, on at most two of `threads`;
    /// `averages` tells whether a moving average follows its weights.
    pub(crate) fn new(
        layers: &[Layer],
        data: &'a Dataset<D>,
        batch_size: usize,
        threads: usize,
        averages: bool,
    ) -> Self {
        Self { network: FusedNetwork::new(layers, data, batch_size, threads, averages), data }
    }
}

impl<const D: usize> FusedTask<usize> for FusedClassifier<'_, D> {
    fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.network.load(whole);
    }

    fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.network.store(whole);
    }

    fn forward_backward(&mut self, rows: &[usize], device: &Cpu) -> Tally {
        self.network.forward_backward(Batch { source: self.data, rows }, device)
    }

    fn update(&mut self, rows: &[usize], update: Update) {
        self.network.update(Batch { source: self.data, rows }, update);
    }
}
