//! The first linear layer, where the zeros of its input are left out: two thirds of all weights.

use std::ops::Range;

use ch11_kernels::{Buffer, LANES, Rows, SparseColumns, SparseRows, add_rows, add_sparse_row, transpose};

use super::batch_shard::BatchShard;
use super::parameters::{FlatParameters, ParameterBuffers, Update};
use super::plan::{Op, stride};
use crate::data::BLOCK;

/// A thread's share of the first layer: the weights and biases of some of its outputs, which no other thread ever
/// needs.
#[derive(Debug)]
pub(super) struct FirstLayerShard {
    op: Op,
    /// Inputs and outputs of the whole layer.
    shape: [usize; 2],
    pub(super) outputs: Range<usize>,
    /// By input: `(inputs, outputs)`, with whole vectors of outputs.
    weights: ParameterBuffers,
    biases: ParameterBuffers,
    /// The outputs of each row of the batch, and their gradients: `(batch, outputs)`, with whole vectors of outputs.
    sums: Buffer,
    deltas: Buffer,
    columns: SparseColumns,
}

impl FirstLayerShard {
    /// Makes the share for `outputs`, all zeros, for batches of at most `batch` rows.
    pub(super) fn new(op: Op, shape: [usize; 2], outputs: Range<usize>, batch: usize, averages: bool) -> Self {
        let inputs = shape[0];
        let width = stride(outputs.len());
        let buffers = |length| ParameterBuffers::new(length, op.learns, averages);
        Self {
            op,
            shape,
            weights: buffers(inputs * width),
            biases: buffers(width),
            sums: Buffer::zeros(batch * width),
            deltas: Buffer::zeros(batch * width),
            columns: SparseColumns::with_capacity(batch * inputs),
            outputs,
        }
    }

    /// Returns whether the layer learns.
    pub(super) fn learns(&self) -> bool {
        self.op.learns
    }

    fn width(&self) -> usize {
        stride(self.outputs.len())
    }

    /// Copies its parameters in from those of the whole network.
    pub(super) fn load(&mut self, whole: &mut FlatParameters<'_>) {
        let Self { op, shape: [inputs, all_outputs], ref outputs, .. } = *self;
        let (width, biases_at) = (self.width(), inputs * all_outputs);
        for (own, whole) in self.weights.beside(whole, op) {
            transpose(&whole[outputs.start * inputs..], outputs.len(), inputs, inputs, own, width);
        }
        for (own, whole) in self.biases.beside(whole, op) {
            own[..outputs.len()].copy_from_slice(&whole[biases_at..][outputs.clone()]);
        }
    }

    /// Copies its parameters back.
    pub(super) fn store(&mut self, whole: &mut FlatParameters<'_>) {
        let Self { op, shape: [inputs, all_outputs], ref outputs, .. } = *self;
        let (width, biases_at) = (self.width(), inputs * all_outputs);
        for (own, whole) in self.weights.beside(whole, op) {
            transpose(own, inputs, outputs.len(), width, &mut whole[outputs.start * inputs..], inputs);
        }
        for (own, whole) in self.biases.beside(whole, op) {
            whole[biases_at..][outputs.clone()].copy_from_slice(&own[..outputs.len()]);
        }
    }

    /// Computes the outputs of all rows.
    pub(super) fn forward(&mut self, shards: &[BatchShard]) {
        if self.outputs.is_empty() {
            return;
        }
        let width = self.width();
        let rows: usize = shards.iter().map(BatchShard::count).sum();
        self.sums[..rows * width].chunks_exact_mut(width).for_each(|sums| sums.copy_from_slice(&self.biases.values));
        // All rows, a block of inputs at a time, so that its weights stay in the nearest cache.
        for block in 0..self.shape[0].div_ceil(BLOCK) {
            let rows = sparse_rows(shards, |sparse, row| sparse.block(row, block));
            for ((values, columns), sums) in rows.zip(self.sums.chunks_exact_mut(width)) {
                if !values.is_empty() {
                    add_sparse_row(values, columns, Rows { values: &self.weights.values, stride: width }, sums);
                }
            }
        }
    }

    /// Returns the outputs of some rows.
    pub(super) fn outputs_of(&self, rows: &Range<usize>) -> &[f32] {
        &self.sums[rows.start * self.width()..rows.end * self.width()]
    }

    /// Takes a step against the gradients of a batch's rows.
    pub(super) fn update(&mut self, shards: &[BatchShard], gradient: &mut [f32], update: Update) {
        let (width, inputs) = (self.width(), self.shape[0]);
        if self.outputs.is_empty() {
            return;
        }
        let rows = self.gather_deltas(shards);
        let gradient_of_biases = &mut gradient[..width];
        gradient_of_biases.fill(0.0);
        add_rows(&self.deltas[..rows * width], gradient_of_biases);
        self.biases.update(0..width, gradient_of_biases, update);

        self.columns.take(sparse_rows(shards, SparseRows::row), inputs);
        for first in (0..inputs).step_by(LANES) {
            let some = first..inputs.min(first + LANES);
            let gradient = &mut gradient[..some.len() * width];
            gradient.fill(0.0);
            for (column, gradient) in some.clone().zip(gradient.chunks_exact_mut(width)) {
                let (values, rows) = self.columns.column(column);
                add_sparse_row(values, rows, Rows { values: &self.deltas, stride: width }, gradient);
            }
            self.weights.update(some.start * width..some.end * width, gradient, update);
        }
    }

    /// Copies the gradients of its outputs out of all rows, and returns how many rows there are.
    fn gather_deltas(&mut self, shards: &[BatchShard]) -> usize {
        let (width, all_width) = (self.width(), stride(self.shape[1]));
        let all =
            shards.iter().flat_map(|shard| shard.deltas[self.op.output].chunks_exact(all_width).take(shard.count()));
        let mut rows = 0;
        for (all, own) in all.zip(self.deltas.chunks_exact_mut(width)) {
            own.copy_from_slice(&all[self.outputs.start..][..width]);
            rows += 1;
        }
        rows
    }
}

/// Takes something of each row of a batch without its zeros.
fn sparse_rows<'a>(
    shards: &'a [BatchShard],
    take: impl Fn(&'a SparseRows, usize) -> (&'a [f32], &'a [u16]) + Copy,
) -> impl Iterator<Item = (&'a [f32], &'a [u16])> + Clone {
    let sparse = shards.iter().filter_map(|shard| shard.sparse.as_ref());
    sparse.flat_map(move |sparse| (0..sparse.count()).map(move |row| take(sparse, row)))
}
