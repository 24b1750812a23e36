//! What the images of a pair go through before the head: two towers, or one for both.

use std::slice;

use dfdx::prelude::Cpu;

use super::network::FusedNetwork;
use super::parameters::Update;
use super::plan::Plan;
use super::rows::Batch;
use crate::data::{Dataset, PIXELS, Pair};
use crate::nets::{self, Layer};

/// The towers of a network for pairs, all buffers made.
pub(super) enum Towers {
    /// The head reads both outputs, side by side. They have nothing in common, so a second thread takes one of them
    /// whenever it is idle.
    Apart(Box<[Tower; 2]>),
    /// All first images of a batch and then all second ones go through one tower, and the head reads how far apart the
    /// outputs are. Here are the gradients of the outputs, too.
    Shared(Box<Tower>, Vec<f32>),
}

/// A tower, with the rows of the batch in hand that it takes.
pub(super) struct Tower {
    network: FusedNetwork,
    rows: Vec<usize>,
}

impl Towers {
    /// Plans towers for training on batches of at most `batch_size` pairs of these images.
    pub(super) fn new(layers: &nets::Towers, images: &Dataset<PIXELS>, batch_size: usize, averages: bool) -> Self {
        let tower = |layers: &[Layer], rows: usize| {
            let plan = Plan::new(layers, PIXELS);
            let sparse = images.has_pixels() && plan.takes_sparse_rows();
            Tower { network: FusedNetwork::planned(plan, sparse, rows, 1, averages), rows: Vec::with_capacity(rows) }
        };
        match layers {
            nets::Towers::Apart { a, b } => Self::Apart(Box::new([a, b].map(|layers| tower(layers, batch_size)))),
            nets::Towers::Shared(layers) => Self::Shared(Box::new(tower(layers, 2 * batch_size)), Vec::new()),
        }
    }

    /// Returns how many features the head reads.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Apart(towers) => towers.iter().map(|tower| tower.network.width()).sum(),
            Self::Shared(tower, _) => tower.network.width(),
        }
    }

    /// Lends each network.
    pub(super) fn networks(&mut self) -> impl Iterator<Item = &mut FusedNetwork> {
        self.all().iter_mut().map(|tower| &mut tower.network)
    }

    /// Computes the outputs for a batch of pairs.
    pub(super) fn forward(&mut self, pairs: &[Pair], images: &Dataset<PIXELS>, device: &Cpu) {
        self.all().iter_mut().for_each(|tower| tower.rows.clear());
        let (first, second) = (pairs.iter().map(|pair| pair.first), pairs.iter().map(|pair| pair.second));
        match self {
            Self::Apart(towers) => {
                let [a, b] = towers.as_mut();
                a.rows.extend(first);
                b.rows.extend(second);
            }
            Self::Shared(tower, _) => tower.rows.extend(first.chain(second)),
        }
        self.networks().for_each(|network| network.draw_seeds(device));
        each_tower(self.all(), |_, tower| {
            let batch = Batch { source: images, rows: &tower.rows };
            tower.network.take(batch);
            tower.network.forward(batch, |_, _, _, _| {});
        });
    }

    /// Writes what the head reads of a pair of the batch.
    pub(super) fn copy_output(&self, pair: usize, to: &mut [f32]) {
        match self {
            Self::Apart(towers) => {
                let [a, b] = towers.as_ref();
                let (left, right) = to.split_at_mut(a.network.width());
                left.copy_from_slice(a.network.output(pair));
                right.copy_from_slice(b.network.output(pair));
            }
            Self::Shared(tower, _) => {
                let [first, second] = tower.outputs(pair);
                to.iter_mut()
                    .zip(first.iter().zip(second))
                    .for_each(|(to, (first, second))| *to = (first - second).abs());
            }
        }
    }

    /// Goes back from the gradients of what the head reads, pair by pair.
    pub(super) fn backward(&mut self, images: &Dataset<PIXELS>, head: &FusedNetwork) {
        match self {
            Self::Apart(towers) => {
                let width = towers[0].network.width();
                each_tower(towers.as_mut(), |number, tower| {
                    let gradients = head.input_gradients(tower.rows.len()).map(|row| &row[number * width..]);
                    tower.network.backward_from(Batch { source: images, rows: &tower.rows }, gradients);
                });
            }
            Self::Shared(tower, gradients) => {
                tower.share_gradients(head, gradients);
                let gradients = gradients.chunks_exact(tower.network.width());
                tower.network.backward_from(Batch { source: images, rows: &tower.rows }, gradients);
            }
        }
    }

    /// Takes a step against the gradients of the last pass.
    pub(super) fn update(&mut self, images: &Dataset<PIXELS>, update: Update) {
        each_tower(self.all(), |_, tower| {
            tower.network.update(Batch { source: images, rows: &tower.rows }, update);
        });
    }

    fn all(&mut self) -> &mut [Tower] {
        match self {
            Self::Apart(towers) => towers.as_mut(),
            Self::Shared(tower, _) => slice::from_mut(tower.as_mut()),
        }
    }
}

impl Tower {
    /// Returns the outputs for both images of a pair, if the tower is shared.
    fn outputs(&self, pair: usize) -> [&[f32]; 2] {
        [pair, self.rows.len() / 2 + pair].map(|row| self.network.output(row))
    }

    /// Computes the gradients of all outputs from those of `|first - second|`: its derivative by the first is the sign of
    /// the difference, and by the second the opposite.
    fn share_gradients(&self, head: &FusedNetwork, gradients: &mut Vec<f32>) {
        gradients.clear();
        for sign in [1.0, -1.0] {
            for (pair, gradient) in head.input_gradients(self.rows.len() / 2).enumerate() {
                let [first, second] = self.outputs(pair);
                gradients.extend(gradient.iter().zip(first.iter().zip(second)).map(|(gradient, (first, second))| {
                    sign * gradient * if first == second { 0.0 } else { (first - second).signum() }
                }));
            }
        }
    }
}

/// Does something with each tower; with two, side by side if a thread of rayon's is idle.
fn each_tower(towers: &mut [Tower], work: impl Fn(usize, &mut Tower) + Sync) {
    let work = |number, tower: &mut Tower| {
        dfdx::flush_denormals_to_zero();
        work(number, tower);
    };
    match towers {
        [a, b] => {
            rayon::join(|| work(0, a), || work(1, b));
        }
        towers => towers.iter_mut().for_each(|tower| work(0, tower)),
    }
}
