//! Batch normalisation of a batch whose rows are shared among threads.

use ch11_kernels::{add_block_statistics, add_rows, average, normalise, normalise_backward};

use super::batch_shard::BatchShard;
use super::plan::{Kind, Op, stride};
use crate::nets::BATCH_NORM_EPSILON;

/// A batch normalisation: the statistics of this batch, the running statistics, and the gradients of scale and shift.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) op: Op,
    features: usize,
    momentum: f32,
    mean: Vec<f32>,
    variance: Vec<f32>,
    inverse_deviation: Vec<f32>,
    /// Whether mean and variance are those of the batch, not the running ones.
    own_statistics: bool,
    running_mean: Vec<f32>,
    running_variance: Vec<f32>,
    /// The gradients of scale and shift.
    pub(super) of_scale: Vec<f32>,
    pub(super) of_shift: Vec<f32>,
}

impl Norm {
    /// Makes the batch normalisation of an operation, if it is one.
    pub(super) fn new(op: Op) -> Option<Self> {
        let Kind::BatchNorm { features, momentum } = op.kind else { return None };
        let zeros = || vec![0.0; stride(features)];
        Some(Self {
            op,
            features,
            momentum,
            mean: zeros(),
            variance: zeros(),
            inverse_deviation: zeros(),
            own_statistics: false,
            running_mean: zeros(),
            running_variance: zeros(),
            of_scale: zeros(),
            of_shift: zeros(),
        })
    }

    /// Returns whether it learns; a frozen one always uses its running statistics.
    pub(super) fn learns(&self) -> bool {
        self.op.learns
    }

    /// Returns the distance from row to row of its inputs and outputs.
    pub(super) fn width(&self) -> usize {
        self.mean.len()
    }

    /// Copies the running statistics in from the values of the whole network.
    pub(super) fn load(&mut self, values: &[f32]) {
        let (features, start) = (self.features, self.op.values + 2 * self.features);
        self.running_mean[..features].copy_from_slice(&values[start..][..features]);
        self.running_variance[..features].copy_from_slice(&values[start + features..][..features]);
        self.use_running_statistics();
    }

    /// Copies the running statistics back.
    pub(super) fn store(&self, values: &mut [f32]) {
        let (features, start) = (self.features, self.op.values + 2 * self.features);
        values[start..][..features].copy_from_slice(&self.running_mean[..features]);
        values[start + features..][..features].copy_from_slice(&self.running_variance[..features]);
    }

    fn use_running_statistics(&mut self) {
        self.own_statistics = false;
        self.mean.copy_from_slice(&self.running_mean);
        self.variance.copy_from_slice(&self.running_variance);
        self.invert();
    }

    fn invert(&mut self) {
        for (inverse, variance) in self.inverse_deviation.iter_mut().zip(&self.variance) {
            *inverse = (variance + BATCH_NORM_EPSILON).sqrt().recip();
        }
    }

    /// Combines the statistics of all rows, and moves the running statistics towards them. A batch of one row has no
    /// variance, so it is normalised by the running statistics.
    pub(super) fn combine(&mut self, shards: &[BatchShard], batch: usize) {
        if batch < 2 {
            return self.use_running_statistics();
        }
        self.own_statistics = true;
        self.mean.fill(0.0);
        self.variance.fill(0.0);
        let (number, width, mut seen) = (self.op.number, self.width(), 0.0);
        for (rows, sums) in shards.iter().flat_map(|shard| shard.statistics[number].blocks(width)) {
            add_block_statistics(rows as f32, seen, sums, &mut self.mean, &mut self.variance);
            seen += rows as f32;
        }
        self.variance.iter_mut().for_each(|variance| *variance /= seen);
        let (momentum, unbiased) = (self.momentum, seen / (seen - 1.0));
        average(momentum, &self.mean, &mut self.running_mean);
        for (running, variance) in self.running_variance.iter_mut().zip(&self.variance) {
            *running = momentum * *running + (1.0 - momentum) * (variance * unbiased);
        }
        self.invert();
    }

    /// Sums the gradients of scale and shift over all rows.
    pub(super) fn combine_gradient(&mut self, shards: &[BatchShard]) {
        self.of_scale.fill(0.0);
        self.of_shift.fill(0.0);
        let (number, width) = (self.op.number, self.width());
        for (_, sums) in shards.iter().flat_map(|shard| shard.statistics[number].blocks(width)) {
            let (of_shift, of_scale) = sums.split_at(width);
            add_rows(of_shift, &mut self.of_shift);
            add_rows(of_scale, &mut self.of_scale);
        }
    }

    /// Normalises rows, then scales and shifts them.
    pub(super) fn normalise(
        &self,
        x: &[f32],
        normalised: &mut [f32],
        outputs: &mut [f32],
        scale: &[f32],
        shift: &[f32],
    ) {
        normalise(x, normalised, outputs, [&self.mean, &self.inverse_deviation], [scale, shift]);
    }

    /// Computes the gradient of the inputs from that of the outputs.
    pub(super) fn backward(
        &self,
        gradient: &[f32],
        normalised: &[f32],
        inputs: &mut [f32],
        scale: &[f32],
        batch: usize,
    ) {
        // Statistics other than the batch's own do not depend on its rows, and pass no gradient on to them.
        let share = if self.own_statistics { (batch as f32).recip() } else { 0.0 };
        let of_parameters = [self.of_scale.as_slice(), &self.of_shift];
        normalise_backward(gradient, normalised, inputs, of_parameters, [scale, &self.inverse_deviation], share);
    }
}
