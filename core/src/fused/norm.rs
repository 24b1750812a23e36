//! Batch normalisation of a thread's share of the features.

use std::ops::Range;

use ch11_kernels::{Buffer, average, column_gradients, column_statistics, normalise, normalise_backward};

use super::plan::{Kind, Op, stride};
use crate::nets::BATCH_NORM_EPSILON;

/// A batch normalisation of some features: the statistics of this batch, the running statistics, and the gradients of
/// scale and shift.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) op: Op,
    /// All features of the layer, and the own ones among them.
    layer: usize,
    features: Range<usize>,
    momentum: f32,
    mean: Buffer,
    variance: Buffer,
    inverse_deviation: Buffer,
    /// Whether mean and variance are those of the batch, not the running ones.
    own_statistics: bool,
    running_mean: Buffer,
    running_variance: Buffer,
    /// The inputs after normalisation, before scale and shift.
    normalised: Buffer,
    /// The gradients of scale and shift.
    pub(super) of_scale: Buffer,
    pub(super) of_shift: Buffer,
}

impl Norm {
    /// Makes the batch normalisation of an operation, if it is one, for batches of at most `rows` rows.
    pub(super) fn new(op: Op, features: Range<usize>, rows: usize) -> Option<Self> {
        let Kind::BatchNorm { features: layer, momentum } = op.kind else { return None };
        let width = stride(features.len());
        let zeros = || Buffer::zeros(width);
        Some(Self {
            op,
            layer,
            features,
            momentum,
            mean: zeros(),
            variance: zeros(),
            inverse_deviation: zeros(),
            own_statistics: false,
            running_mean: zeros(),
            running_variance: zeros(),
            normalised: Buffer::zeros(rows * width),
            of_scale: zeros(),
            of_shift: zeros(),
        })
    }

    /// Copies the running statistics in from the values of the whole network.
    pub(super) fn load(&mut self, values: &[f32]) {
        let (count, at) = (self.features.len(), self.op.values + 2 * self.layer + self.features.start);
        self.running_mean[..count].copy_from_slice(&values[at..][..count]);
        self.running_variance[..count].copy_from_slice(&values[at + self.layer..][..count]);
        self.use_running_statistics();
    }

    /// Copies the running statistics back.
    pub(super) fn store(&self, values: &mut [f32]) {
        let (count, at) = (self.features.len(), self.op.values + 2 * self.layer + self.features.start);
        values[at..][..count].copy_from_slice(&self.running_mean[..count]);
        values[at + self.layer..][..count].copy_from_slice(&self.running_variance[..count]);
    }

    fn use_running_statistics(&mut self) {
        self.own_statistics = false;
        self.mean.copy_from_slice(&self.running_mean);
        self.variance.copy_from_slice(&self.running_variance);
        self.invert();
    }

    fn invert(&mut self) {
        for (inverse, variance) in self.inverse_deviation.iter_mut().zip(&*self.variance) {
            *inverse = (variance + BATCH_NORM_EPSILON).sqrt().recip();
        }
    }

    /// Normalises the rows of a batch, then scales and shifts them. In training, it does so by the statistics of the
    /// batch, and moves the running statistics towards them; a batch of one row has no variance.
    pub(super) fn forward(&mut self, x: &[f32], outputs: &mut [f32], [scale, shift]: [&[f32]; 2]) {
        let rows = x.len() / self.mean.len();
        match self.op.learns {
            true if rows > 1 => self.measure(x, rows as f32),
            true => self.use_running_statistics(),
            false => {}
        }
        let normalised = &mut self.normalised[..x.len()];
        normalise(x, normalised, outputs, [&self.mean, &self.inverse_deviation], [scale, shift]);
    }

    fn measure(&mut self, x: &[f32], rows: f32) {
        self.own_statistics = true;
        column_statistics(x, &mut self.mean, &mut self.variance);
        self.invert();
        let (momentum, unbiased) = (self.momentum, rows / (rows - 1.0));
        average(momentum, &self.mean, &mut self.running_mean);
        for (running, variance) in self.running_variance.iter_mut().zip(&*self.variance) {
            *running = momentum * *running + (1.0 - momentum) * (variance * unbiased);
        }
    }

    /// Computes the gradients of scale and shift from that of the outputs, and, if `inputs` are wanted, theirs.
    pub(super) fn backward(&mut self, outputs: &[f32], inputs: Option<&mut [f32]>, scale: &[f32]) {
        let normalised = &self.normalised[..outputs.len()];
        column_gradients(outputs, normalised, &mut self.of_scale, &mut self.of_shift);
        // Statistics other than the batch's own do not depend on its rows, and pass no gradient on to them.
        let share = if self.own_statistics { self.mean.len() as f32 / outputs.len() as f32 } else { 0.0 };
        let of_parameters: [&[f32]; 2] = [&self.of_scale, &self.of_shift];
        if let Some(inputs) = inputs {
            let factors: [&[f32]; 2] = [scale, &self.inverse_deviation];
            normalise_backward(outputs, normalised, inputs, of_parameters, factors, share);
        }
    }
}
