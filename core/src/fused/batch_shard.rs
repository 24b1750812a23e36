//! A thread's share of the rows of a batch.

use std::ops::Range;

use ch11_kernels::{BlockStatistics, Buffer, SparseRows, prefetch};

use super::plan::{Kind, Op, Plan, stride};
use crate::data::{BLOCK, Dataset, SCALED};

/// How many rows ahead pixels are fetched: they lie anywhere in a memory far larger than the caches.
const PREFETCHED_ROWS: usize = 4;

/// A thread's share of the rows of a batch, and all that is computed of them.
#[derive(Debug, Default)]
pub(super) struct BatchShard {
    /// Which rows of the batch.
    pub(super) rows: Range<usize>,
    pub(super) labels: Vec<u8>,
    /// The input, if its zeros are left out; it is in the first slot otherwise.
    pub(super) sparse: Option<SparseRows>,
    /// What each slot holds, and the gradient of it: `(rows, width)`, with whole vectors of a row.
    pub(super) activations: Vec<Buffer>,
    pub(super) deltas: Vec<Buffer>,
    /// What each dropout multiplies by, and what each batch normalisation makes before scale and shift; by operation.
    pub(super) factors: Vec<Buffer>,
    pub(super) normalised: Vec<Buffer>,
    /// The statistics that each batch normalisation takes of these rows; by operation.
    pub(super) statistics: Vec<BlockStatistics>,
    /// The loss of each row, and how many rows are classified correctly.
    pub(super) losses: Vec<f64>,
    pub(super) correct: usize,
    /// Memory to be used again: rows of floats, and random bytes.
    pub(super) gathered: Vec<f32>,
    pub(super) random: Vec<u8>,
}

impl BatchShard {
    /// Makes room for at most `rows` rows; `sparse` tells whether the zeros of the input are left out.
    pub(super) fn new(plan: &Plan, rows: usize, sparse: bool) -> Self {
        let slots = || plan.widths.iter().map(|&width| Buffer::zeros(rows * stride(width))).collect::<Vec<_>>();
        let by_op = |wanted: fn(&Kind) -> bool| {
            let length = |op: &Op| if wanted(&op.kind) { rows * stride(plan.widths[op.output]) } else { 0 };
            plan.ops.iter().map(|op| Buffer::zeros(length(op))).collect()
        };
        Self {
            labels: Vec::with_capacity(rows),
            sparse: sparse.then(|| SparseRows::with_capacity(rows, plan.widths[0], plan.widths[0].div_ceil(BLOCK))),
            activations: slots(),
            deltas: slots(),
            factors: by_op(|kind| matches!(kind, Kind::Dropout { .. })),
            normalised: by_op(|kind| matches!(kind, Kind::BatchNorm { .. })),
            statistics: plan.ops.iter().map(|_| BlockStatistics::default()).collect(),
            losses: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Returns how many rows there are.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Takes its rows of a batch out of the data.
    pub(super) fn take<const D: usize>(&mut self, data: &Dataset<D>, batch: &[usize]) {
        let own = &batch[self.rows.clone()];
        self.labels.clear();
        self.labels.extend(own.iter().map(|&row| data.labels()[row]));
        if let (Some(sparse), Some(nonzero)) = (&mut self.sparse, data.nonzero()) {
            sparse.clear();
            for (index, &row) in own.iter().enumerate() {
                if let Some(&later) = own.get(index + PREFETCHED_ROWS) {
                    let later = nonzero.row(later);
                    prefetch(later.pixels);
                    prefetch(later.columns);
                }
                let row = nonzero.row(row);
                let values = row.pixels.iter().map(|&pixel| SCALED[usize::from(pixel)]);
                sparse.push(values, row.columns, row.ends.iter().map(|end| end - row.start));
            }
            return;
        }
        data.gather(own, &mut self.gathered);
        for (to, from) in self.activations[0].chunks_exact_mut(stride(D)).zip(self.gathered.chunks_exact(D)) {
            to[..D].copy_from_slice(from);
        }
    }

    /// Returns how many of a slot's values are those of this batch.
    pub(super) fn length(&self, slot: usize, plan: &Plan) -> usize {
        self.count() * stride(plan.widths[slot])
    }

    /// Returns the output of the last operation for each row.
    pub(super) fn outputs(&self, plan: &Plan) -> impl Iterator<Item = &[f32]> {
        let slot = plan.widths.len() - 1;
        let rows = self.activations[slot].chunks_exact(stride(plan.widths[slot])).take(self.count());
        rows.map(move |row| &row[..plan.widths[slot]])
    }
}
