//! The first layer, where it takes rows without their zeros: two thirds of all weights.

use std::ops::Range;

use ch11_kernels::{Buffer, LANES, Rows, add_rows, add_sparse_row, transpose};

use super::part::{Learnt, Tensors, Update};
use super::plan::{Op, stride};
use super::sparse::{Columns, SparseRows};
use super::worker::Worker;
use crate::data::BLOCK;

/// The weights and biases of some of its outputs, which no other thread ever needs.
#[derive(Debug)]
pub(super) struct FirstPart {
    op: Op,
    /// Inputs and outputs of the whole layer.
    shape: [usize; 2],
    pub(super) outputs: Range<usize>,
    /// By input: `(inputs, outputs)`, with whole vectors of outputs.
    weights: Learnt,
    biases: Learnt,
    /// What comes out for each row of the batch, and the gradient of it: `(batch, outputs)`, with whole vectors of outputs.
    sums: Buffer,
    deltas: Buffer,
    columns: Columns,
}

impl FirstPart {
    /// Makes the part for `outputs`, all zeros, for batches of at most `batch` rows.
    pub(super) fn new(op: Op, shape: [usize; 2], outputs: Range<usize>, batch: usize, averages: bool) -> Self {
        let inputs = shape[0];
        let width = stride(outputs.len());
        let learnt = |length| Learnt::new(length, op.learns, averages);
        Self {
            op,
            shape,
            weights: learnt(inputs * width),
            biases: learnt(width),
            sums: Buffer::zeros(batch * width),
            deltas: Buffer::zeros(batch * width),
            columns: Columns::with_capacity(batch * inputs),
            outputs,
        }
    }

    /// Tells whether it learns.
    pub(super) fn learns(&self) -> bool {
        self.op.learns
    }

    fn width(&self) -> usize {
        stride(self.outputs.len())
    }

    /// Takes this part's share out of the whole.
    pub(super) fn load(&mut self, whole: &mut Tensors<'_>) {
        let Self { op, shape: [inputs, all_outputs], ref outputs, .. } = *self;
        let (width, biases_at) = (self.width(), inputs * all_outputs);
        for (own, whole) in self.weights.beside(whole, op) {
            transpose(&whole[outputs.start * inputs..], outputs.len(), inputs, inputs, own, width);
        }
        for (own, whole) in self.biases.beside(whole, op) {
            own[..outputs.len()].copy_from_slice(&whole[biases_at..][outputs.clone()]);
        }
    }

    /// Puts it back.
    pub(super) fn store(&mut self, whole: &mut Tensors<'_>) {
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
    pub(super) fn forward(&mut self, workers: &[Worker]) {
        if self.outputs.is_empty() {
            return;
        }
        let width = self.width();
        let rows: usize = workers.iter().map(Worker::count).sum();
        self.sums[..rows * width].chunks_exact_mut(width).for_each(|sums| sums.copy_from_slice(&self.biases.values));
        // All rows, a block of inputs at a time, so that its weights stay in the nearest cache.
        for block in 0..self.shape[0].div_ceil(BLOCK) {
            let rows = sparse_rows(workers, |sparse, row| sparse.block(row, block));
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

    /// Takes a step against the gradients that the workers' rows give.
    pub(super) fn update(&mut self, workers: &[Worker], gradient: &mut [f32], update: Update) {
        let (width, inputs) = (self.width(), self.shape[0]);
        if self.outputs.is_empty() {
            return;
        }
        let rows = self.gather_deltas(workers);
        let gradient_of_biases = &mut gradient[..width];
        gradient_of_biases.fill(0.0);
        add_rows(&self.deltas[..rows * width], gradient_of_biases);
        self.biases.update(0..width, gradient_of_biases, update);

        self.columns.take(sparse_rows(workers, SparseRows::row), inputs);
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

    /// Copies the gradients of this part's outputs out of all workers' rows, and returns how many rows there are.
    fn gather_deltas(&mut self, workers: &[Worker]) -> usize {
        let (width, all_width) = (self.width(), stride(self.shape[1]));
        let all = workers
            .iter()
            .flat_map(|worker| worker.deltas[self.op.output].chunks_exact(all_width).take(worker.count()));
        let mut rows = 0;
        for (all, own) in all.zip(self.deltas.chunks_exact_mut(width)) {
            own.copy_from_slice(&all[self.outputs.start..][..width]);
            rows += 1;
        }
        rows
    }
}

/// Takes something of each row that comes without its zeros, from all workers.
fn sparse_rows<'a>(
    workers: &'a [Worker],
    take: impl Fn(&'a SparseRows, usize) -> (&'a [f32], &'a [u16]) + Copy,
) -> impl Iterator<Item = (&'a [f32], &'a [u16])> + Clone {
    let sparse = workers.iter().filter_map(|worker| worker.sparse.as_ref());
    sparse.flat_map(move |sparse| (0..sparse.len()).map(move |row| take(sparse, row)))
}
