//! A network that compares two images: towers that they go through, and a head on the outputs.

use std::ops::Range;

use ch11_kernels::SparseRows;
use dfdx::prelude::Cpu;

use super::FusedTask;
use super::ahead::{Ahead, DrawnExample};
use super::network::FusedNetwork;
use super::parameters::{FlatParameters, Update};
use super::plan::Plan;
use super::rows::{Batch, Source};
use super::stage_shard::StageShard;
use super::towers::Towers;
use crate::data::{Dataset, Distorter, Drawn, DrawnPair, PIXELS, Pair};
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
        self.forward_towers(self.images, pairs, &Cpu::default());
        let outputs = Outputs { towers: &self.towers, labels: &self.labels };
        let batch = Batch { source: &outputs, rows: &self.all[..pairs.len()] };
        self.head.logits(batch, |logits| each(logits[0]));
    }

    fn forward_towers(&mut self, images: &Dataset<PIXELS>, pairs: &[Pair], device: &Cpu) {
        self.labels.clear();
        self.labels.extend(pairs.iter().map(|pair| pair.relation.label()));
        self.towers.forward(pairs, images, device);
    }

    /// Goes forward and backward for pairs of these images.
    fn forward_backward_on(&mut self, images: &Dataset<PIXELS>, pairs: &[Pair], device: &Cpu) -> Tally {
        self.forward_towers(images, pairs, device);
        let Self { towers, head, labels, all, .. } = self;
        let outputs = Outputs { towers, labels };
        let batch = Batch { source: &outputs, rows: &all[..pairs.len()] };
        head.draw_seeds(device);
        head.take(batch);
        head.forward(batch, StageShard::logistic_loss);
        head.backward(batch);
        towers.backward(images, head);
        head.tally()
    }

    /// Takes a step against the gradients of the last pass, for so many pairs of these images.
    fn update_on(&mut self, images: &Dataset<PIXELS>, pairs: usize, update: Update) {
        let Self { towers, head, labels, all, .. } = self;
        let outputs = Outputs { towers, labels };
        head.update(Batch { source: &outputs, rows: &all[..pairs] }, update);
        towers.update(images, update);
    }

    /// Trains it on the same images as they are drawn.
    pub(crate) fn augmented<'b>(&'b mut self, distorter: &'b Distorter) -> FusedAugmentedPair<'b, 'a> {
        let ahead = Ahead::new(self.images, distorter, rayon::current_num_threads().min(2));
        FusedAugmentedPair { pair: self, ahead, pairs: Vec::new() }
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
        self.forward_backward_on(self.images, pairs, device)
    }

    fn update(&mut self, pairs: &[Pair], update: Update) {
        self.update_on(self.images, pairs.len(), update);
    }
}

impl DrawnExample for DrawnPair {
    const IMAGES: usize = 2;

    fn each_image(&self, mut each: impl FnMut(Drawn)) {
        let [first, second] = self.seeds;
        each(Drawn { row: self.pair.first, seed: first });
        each(Drawn { row: self.pair.second, seed: second });
    }
}

/// A network for pairs that is trained on images as they are drawn, distorted.
pub(crate) struct FusedAugmentedPair<'b, 'a> {
    pair: &'b mut FusedPair<'a>,
    ahead: Ahead<'b, PIXELS>,
    /// The batch in hand, by the places of its images among those that were drawn.
    pairs: Vec<Pair>,
}

impl FusedTask<DrawnPair> for FusedAugmentedPair<'_, '_> {
    fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.pair.load(whole);
    }

    fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.pair.store(whole);
    }

    fn batches_ahead(&self, batch_size: usize) -> usize {
        self.ahead.batches::<DrawnPair>(batch_size)
    }

    fn prepare(&mut self, upcoming: &[DrawnPair], batch_size: usize) {
        self.ahead.prepare(upcoming, batch_size, |blocks, draw| match blocks {
            [one, other] => {
                rayon::join(|| draw(one), || draw(other));
            }
            blocks => blocks.iter_mut().for_each(draw),
        });
    }

    fn forward_backward(&mut self, batch: &[DrawnPair], device: &Cpu) -> Tally {
        let (images, places) = self.ahead.take(batch.len());
        self.pairs.clear();
        let pairs = places.zip(batch).map(|(place, it)| Pair { first: 2 * place, second: 2 * place + 1, ..it.pair });
        self.pairs.extend(pairs);
        self.pair.forward_backward_on(images, &self.pairs, device)
    }

    fn update(&mut self, batch: &[DrawnPair], update: Update) {
        let (images, _) = self.ahead.taken(batch.len());
        self.pair.update_on(images, batch.len(), update);
    }
}
