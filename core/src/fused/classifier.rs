//! A classifier, trained on the rows of a dataset.

use dfdx::prelude::Cpu;

use super::FusedTask;
use super::ahead::Ahead;
use super::network::FusedNetwork;
use super::parameters::{FlatParameters, Update};
use super::rows::Batch;
use crate::data::{Dataset, Distorter, Drawn};
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

    /// Trains it on the same rows as they are drawn.
    pub(crate) fn augmented<'b>(&'b mut self, distorter: &'b Distorter) -> FusedAugmented<'b, 'a, D> {
        let (ahead, most) = (Ahead::new(self.data, distorter, self.network.members()), self.data.len());
        FusedAugmented { classifier: self, ahead, rows: (0..most).collect() }
    }
}

/// A classifier that is trained on rows as they are drawn, distorted.
pub(crate) struct FusedAugmented<'b, 'a, const D: usize> {
    classifier: &'b mut FusedClassifier<'a, D>,
    ahead: Ahead<'b, D>,
    /// The numbers of the rows of a block, from 0 on.
    rows: Vec<usize>,
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

impl<const D: usize> FusedTask<Drawn> for FusedAugmented<'_, '_, D> {
    fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.classifier.load(whole);
    }

    fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.classifier.store(whole);
    }

    fn batches_ahead(&self, batch_size: usize) -> usize {
        self.ahead.batches::<Drawn>(batch_size)
    }

    fn prepare(&mut self, upcoming: &[Drawn], batch_size: usize) {
        let network = &mut self.classifier.network;
        self.ahead.prepare(upcoming, batch_size, |blocks, draw| network.share(blocks, |_, block| draw(block)));
    }

    fn forward_backward(&mut self, batch: &[Drawn], device: &Cpu) -> Tally {
        let (images, rows) = self.ahead.take(batch.len());
        self.classifier.network.forward_backward(Batch { source: images, rows: &self.rows[rows] }, device)
    }

    fn update(&mut self, batch: &[Drawn], update: Update) {
        let (images, rows) = self.ahead.taken(batch.len());
        self.classifier.network.update(Batch { source: images, rows: &self.rows[rows] }, update);
    }
}
