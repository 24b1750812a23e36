//! The rows of a batch, as they come in.

use std::ops::Range;

use ch11_kernels::{Onto, Rows, SparseRows, draw_kept};

use super::plan::{Kind, Op, Plan, Stage};
use crate::data::Dataset;

/// Where rows come from: a dataset, or other layers.
pub(crate) trait Source: Sync {
    /// Returns the pixels that are not 0, if the rows are pixels.
    fn nonzero(&self) -> Option<&SparseRows<u8>>;

    /// Copies some features of a row to the beginning of `to`.
    fn copy_features(&self, row: usize, features: Range<usize>, to: &mut [f32]);

    /// Returns the label of a row.
    fn label(&self, row: usize) -> u8;
}

impl<const D: usize> Source for Dataset<D> {
    fn nonzero(&self) -> Option<&SparseRows<u8>> {
        self.nonzero()
    }

    fn copy_features(&self, row: usize, features: Range<usize>, to: &mut [f32]) {
        self.copy_features(row, features, to);
    }

    fn label(&self, row: usize) -> u8 {
        self.labels()[row]
    }
}

/// Some rows of a source.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) rows: &'a [usize],
}

/// A thread's share of the rows of a batch: what dropout keeps of them.
#[derive(Debug, Default)]
pub(super) struct RowShard {
    /// Which rows of the batch.
    pub(super) rows: Range<usize>,
    /// What each dropout keeps, 1, and drops, 0: `(rows, width)`; by operation.
    kept: Vec<Vec<u8>>,
    /// Memory to be used again.
    random: Vec<u8>,
}

impl RowShard {
    /// Draws the dropout of these rows, from each operation's seed.
    pub(super) fn draw(&mut self, plan: &Plan, seeds: &[u64]) {
        self.kept.resize_with(plan.ops, Vec::new);
        for stage in &plan.stages {
            for op in &stage.ops {
                let Kind::Dropout { rate } = op.kind else { continue };
                // Drawn row after row without gaps, as for a tensor of the whole batch.
                let (kept, first) = (&mut self.kept[op.number], self.rows.start * stage.width);
                kept.resize(self.rows.len() * stage.width, 0);
                draw_kept(rate, seeds[op.number], first, kept, &mut self.random);
            }
        }
    }

    /// Returns what a dropout of rows of `width` numbers keeps and drops, for each row.
    pub(super) fn kept(&self, op: usize, width: usize) -> impl Iterator<Item = &[u8]> {
        self.kept[op].chunks_exact(width)
    }
}

/// Where a batch's pixels that are not 0 come from.
#[derive(Debug)]
pub(super) struct PixelSource {
    /// The dropout of the pixels, what it leaves over of a batch, and the numbers of those rows, from 0 on.
    dropout: Option<(Op, SparseRows<f32>, Vec<usize>)>,
    width: usize,
}

impl PixelSource {
    /// Makes a source for the first stage, and room for at most `rows` rows.
    pub(super) fn new(stage: &Stage, rows: usize) -> Self {
        let dropped = |&op| (op, SparseRows::with_capacity(rows, stage.width), (0..rows).collect());
        Self { dropout: stage.ops.first().map(dropped), width: stage.width }
    }

    /// Has dropout go over a batch.
    pub(super) fn take(&mut self, batch: Batch<'_>, inputs: &[RowShard]) {
        if let (Some(rows), Some((op, left, _))) = (batch.source.nonzero(), &mut self.dropout) {
            let Kind::Dropout { rate } = op.kind else { return };
            left.drop_out(rows, batch.rows, rate, inputs.iter().flat_map(|input| input.kept(op.number, self.width)));
        }
    }

    /// Returns the rows of a batch that was taken.
    pub(super) fn pixels<'a>(&'a self, batch: Batch<'a>) -> Option<Pixels<'a>> {
        match &self.dropout {
            Some((_, left, all)) => Some(Pixels::DroppedOut(left, &all[..batch.rows.len()])),
            None => batch.source.nonzero().map(|rows| Pixels::Rows(rows, batch.rows)),
        }
    }
}

/// A batch's pixels that are not 0.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pixels<'a> {
    /// These rows of the data.
    Rows(&'a SparseRows<u8>, &'a [usize]),
    /// Those that dropout has left over, in order.
    DroppedOut(&'a SparseRows<f32>, &'a [usize]),
}

impl Pixels<'_> {
    /// Fetches the rows, which lie anywhere in a memory far larger than the caches.
    pub(super) fn prefetch(self) {
        if let Self::Rows(rows, batch) = self {
            batch.iter().for_each(|&row| rows.prefetch(row));
        }
    }

    /// Calls [`SparseRows::add_product`].
    pub(super) fn add_product(self, right: Rows<&[f32]>, columns: usize, onto: Onto<'_>, product: Rows<&mut [f32]>) {
        match self {
            Self::Rows(rows, batch) => rows.add_product(batch, right, columns, onto, product),
            Self::DroppedOut(rows, batch) => rows.add_product(batch, right, columns, onto, product),
        }
    }

    /// Calls [`SparseRows::transposed_product`].
    pub(super) fn transposed_product(
        self,
        block: usize,
        right: Rows<&[f32]>,
        columns: usize,
        product: Rows<&mut [f32]>,
    ) {
        match self {
            Self::Rows(rows, batch) => rows.transposed_product(batch, block, right, columns, product),
            Self::DroppedOut(rows, batch) => rows.transposed_product(batch, block, right, columns, product),
        }
    }
}
