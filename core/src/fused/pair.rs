//! A network that compares two images: towers that they go through, and a head on the outputs.

use std::ops::Range;

use ch11_kernels::SparseRows;
use dfdx::prelude::Cpu;

use super::FusedTask;
use super::network::FusedNetwork;
use super::parameters::{FlatParameters, Update};
use super::plan::Plan;
use super::rows::{Batch, Source};
use super::stage_shard::StageShard;
use super::towers::Towers;
use crate::data::{Dataset, PIXELS, Pair};
use crate::nets::{Layer, PairLayers, Tally};

/// The towers and the head of a network for pairs, all buffers made.
pub(crate) struct FusedPair<'a> {
    images: &'a Dataset<PIXELS>,
    towers: Towers,
    head: FusedNetwork,
    labels: Vec<u8>,
    /// The numbers of the pairs of a batch, from 0 on.
    all: Vec<usize>,
}

/// What the head reads.
struct Outputs<'a> {
    towers: &'a Towers,
    labels: &'a [u8],
}

impl Source for Outputs<'_> {
    fn nonzero(&self) -> Option<&SparseRows<u8>> {
        None
    }

    fn copy_features(&self, pair: usize, _: Range<usize>, to: &mut [f32]) {
        self.towers.copy_output(pair, &mut to[..self.towers.width()]);
    }

    fn label(&self, pair: usize) -> u8 {
        self.labels[pair]
    }
}

impl<'a> FusedPair<'a> {
    /// Plans a network for training on batches of at most `batch_size` pairs of these images.
    pub(crate) fn new(layers: PairLayers, images: &'a Dataset<PIXELS>, batch_size: usize, averages: bool) -> Self {
        let towers = Towers::new(&layers.towers, images, batch_size, averages);
        let head = Plan::new(&layers.head, towers.width()).with_gradient_of_input();
        Self {
            images,
            towers,
            head: FusedNetwork::planned(head, false, batch_size, 1, averages),
            labels: Vec::with_capacity(batch_size),
            all: (0..batch_size).collect(),
        }
    }

    /// Plans a network with these values for inference.
    pub(crate) fn for_inference(
        layers: PairLayers,
        values: &mut [f32],
        images: &'a Dataset<PIXELS>,
        batch_size: usize,
    ) -> Self {
        let frozen = layers.map(|layers| vec![Layer::Frozen(layers)]);
        let mut fused = Self::new(frozen, images, batch_size, false);
        fused.load(&mut FlatParameters { values, average: &mut [], optimizer_state: [&mut [], &mut []] });
        fused
    }

    /// Computes the logit of each pair of a batch, and calls `each` with them, in order.
    pub(crate) fn logits(&mut self, pairs: &[Pair], mut each: impl FnMut(f32)) {
        self.forward_towers(pairs, &Cpu::default());
        let outputs = Outputs { towers: &self.towers, labels: &self.labels };
        let batch = Batch { source: &outputs, rows: &self.all[..pairs.len()] };
        self.head.logits(batch, |logits| each(logits[0]));
    }

    fn forward_towers(&mut self, pairs: &[Pair], device: &Cpu) {
        self.labels.clear();
        self.labels.extend(pairs.iter().map(|pair| pair.relation.label()));
        self.towers.forward(pairs, self.images, device);
    }

    /// Splits all parameters into those of the towers and of the head.
    fn each_part(
        &mut self,
        whole: &mut FlatParameters<'_>,
        visit: impl Fn(&mut FusedNetwork, &mut FlatParameters<'_>),
    ) {
        let (mut values, mut trainable) = (0, 0);
        for network in self.towers.networks().chain([&mut self.head]) {
            let (own_values, own_trainable) = network.sizes();
            visit(network, &mut whole.part(values..values + own_values, trainable..trainable + own_trainable));
            (values, trainable) = (values + own_values, trainable + own_trainable);
        }
    }
}

impl FusedTask<Pair> for FusedPair<'_> {
    fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.each_part(whole, FusedNetwork::load);
    }

    fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.each_part(whole, FusedNetwork::store);
    }

    fn forward_backward(&mut self, pairs: &[Pair], device: &Cpu) -> Tally {
        self.forward_towers(pairs, device);
        let Self { images, towers, head, labels, all } = self;
        let outputs = Outputs { towers, labels };
        let batch = Batch { source: &outputs, rows: &all[..pairs.len()] };
        head.draw_seeds(device);
        head.take(batch);
        head.forward(batch, StageShard::logistic_loss);
        head.backward(batch);
        towers.backward(images, head);
        head.tally()
    }

    fn update(&mut self, pairs: &[Pair], update: Update) {
        let Self { images, towers, head, labels, all } = self;
        let outputs = Outputs { towers, labels };
        head.update(Batch { source: &outputs, rows: &all[..pairs.len()] }, update);
        towers.update(images, update);
    }
}
