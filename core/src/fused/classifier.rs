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

/// What a network was planned for.
#[derive(Debug, PartialEq)]
struct Purpose {
    layers: Vec<Layer>,
    inputs: usize,
    pixels: bool,
    rows: usize,
    batch_size: usize,
    threads: usize,
    averages: bool,
}

/// A network that one epoch leaves to the next, since to plan it and to make its buffers takes as long as some epochs. A
/// copy is empty.
#[derive(Debug, Default)]
pub(crate) struct Kept(Option<(Purpose, FusedNetwork)>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<'a, const D: usize> FusedClassifier<'a, D> {
    /// Plans a network of these layers, for batches of at most `batch_size` rows, on at most two of `threads`;
    /// `averages` tells whether a moving average follows its weights. Calls `train` with it, and keeps its buffers.
    pub(crate) fn with<T>(
        kept: &mut Kept,
        layers: Vec<Layer>,
        data: &'a Dataset<D>,
        batch_size: usize,
        threads: usize,
        averages: bool,
        train: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let purpose =
            Purpose { layers, inputs: D, pixels: data.has_pixels(), rows: data.len(), batch_size, threads, averages };
        let network = match kept.0.take() {
            Some((earlier, network)) if earlier == purpose => network,
            _ => FusedNetwork::new(&purpose.layers, data, batch_size, threads, averages),
        };
        let mut classifier = Self { network, data };
        let trained = train(&mut classifier);
        kept.0 = Some((purpose, classifier.network));
        trained
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
