//! A network that compares two images: a tower for each, and a head on the outputs of both.

use std::ops::Range;

use ch11_kernels::SparseRows;
use dfdx::prelude::Cpu;

use super::FusedTask;
use super::network::FusedNetwork;
use super::parameters::{FlatParameters, Update};
use super::plan::Plan;
use super::rows::{Batch, Source};
use super::stage_shard::StageShard;
use crate::data::{Dataset, PIXELS, Pair};
use crate::nets::{Layer, PairLayers, Tally};

/// The towers and the head of a network for pairs, all buffers made. The towers have nothing in common, so a second
/// thread takes one of them whenever it is idle.
pub(crate) struct FusedPair<'a> {
    images: &'a Dataset<PIXELS>,
    towers: [Tower; 2],
    head: FusedNetwork,
    labels: Vec<u8>,
    /// The numbers of the rows of a batch, from 0 on.
    all: Vec<usize>,
}

/// A tower, with the rows of the batch in hand that it takes.
struct Tower {
    network: FusedNetwork,
    rows: Vec<usize>,
}

/// What the head reads: the outputs of both towers, side by side.
struct Outputs<'a> {
    towers: &'a [Tower],
    labels: &'a [u8],
}

impl Source for Outputs<'_> {
    fn nonzero(&self) -> Option<&SparseRows<u8>> {
        None
    }

    fn copy_features(&self, row: usize, _: Range<usize>, to: &mut [f32]) {
        let mut start = 0;
        for tower in self.towers {
            let output = tower.network.output(row);
            to[start..][..output.len()].copy_from_slice(output);
            start += output.len();
        }
    }

    fn label(&self, row: usize) -> u8 {
        self.labels[row]
    }
}

impl<'a> FusedPair<'a> {
    /// Plans a network for training on batches of at most `batch_size` pairs of these images.
    pub(crate) fn new(layers: PairLayers, images: &'a Dataset<PIXELS>, batch_size: usize, averages: bool) -> Self {
        let PairLayers { a, b, head } = layers;
        let tower = |layers: &[Layer]| {
            let plan = Plan::new(layers, PIXELS);
            let sparse = images.has_pixels() && plan.takes_sparse_rows();
            let network = FusedNetwork::planned(plan, sparse, batch_size, 1, averages);
            Tower { network, rows: Vec::with_capacity(batch_size) }
        };
        let towers = [tower(&a), tower(&b)];
        let width = towers.iter().map(|tower| tower.network.width()).sum();
        let head = Plan::new(&head, width).with_gradient_of_input();
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
        let frozen = |layers| vec![Layer::Frozen(layers)];
        let PairLayers { a, b, head } = layers;
        let layers = PairLayers { a: frozen(a), b: frozen(b), head: frozen(head) };
        let mut fused = Self::new(layers, images, batch_size, false);
        fused.load(&mut FlatParameters { values, average: &mut [], optimizer_state: [&mut [], &mut []] });
        fused
    }

    /// Computes the logit of each pair of a batch, and calls `each` with them, in order.
    pub(crate) fn logits(&mut self, pairs: &[Pair], mut each: impl FnMut(f32)) {
        let device = Cpu::default();
        self.forward_towers(pairs, &device);
        let outputs = Outputs { towers: &self.towers, labels: &self.labels };
        let batch = Batch { source: &outputs, rows: &self.all[..pairs.len()] };
        self.head.logits(batch, |logits| each(logits[0]));
    }

    fn forward_towers(&mut self, pairs: &[Pair], device: &Cpu) {
        let Self { images, towers, labels, .. } = self;
        labels.clear();
        labels.extend(pairs.iter().map(|pair| pair.relation.label()));
        for (tower, row) in towers.iter_mut().zip([|pair: &Pair| pair.first, |pair: &Pair| pair.second]) {
            tower.rows.clear();
            tower.rows.extend(pairs.iter().map(row));
            tower.network.draw_seeds(device);
        }
        each_tower(towers, |_, tower| {
            let batch = Batch { source: *images, rows: &tower.rows };
            tower.network.take(batch);
            tower.network.forward(batch, |_, _, _, _| {});
        });
    }

    /// Splits all parameters into those of the towers and of the head.
    fn each_part(
        &mut self,
        whole: &mut FlatParameters<'_>,
        visit: impl Fn(&mut FusedNetwork, &mut FlatParameters<'_>),
    ) {
        let (mut values, mut trainable) = (0, 0);
        let Self { towers, head, .. } = self;
        for network in towers.iter_mut().map(|tower| &mut tower.network).chain([head]) {
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
        let width = towers[0].network.width();
        each_tower(towers, |member, tower| {
            let gradients = head.input_gradients(pairs.len()).map(|row| &row[member * width..]);
            tower.network.backward_from(Batch { source: *images, rows: &tower.rows }, gradients);
        });
        head.tally()
    }

    fn update(&mut self, pairs: &[Pair], update: Update) {
        let Self { images, towers, head, labels, all } = self;
        let outputs = Outputs { towers, labels };
        head.update(Batch { source: &outputs, rows: &all[..pairs.len()] }, update);
        each_tower(towers, |_, tower| {
            tower.network.update(Batch { source: *images, rows: &tower.rows }, update);
        });
    }
}

/// Does something with each tower, side by side if a thread of rayon's is idle.
fn each_tower([a, b]: &mut [Tower; 2], work: impl Fn(usize, &mut Tower) + Sync) {
    let work = |number, tower| {
        dfdx::flush_denormals_to_zero();
        work(number, tower);
    };
    rayon::join(|| work(0, a), || work(1, b));
}
