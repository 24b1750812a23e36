//! A thread's share of a stage: some features of all rows.

use std::ops::Range;

use ch11_kernels::{Buffer, dropout_factor};

use super::norm::Norm;
use super::parameter_shard::ParameterShard;
use super::plan::{Kind, Op, Plan, Stage, stride};
use super::rows::{Pixels, RowShard};
use crate::nets::Tally;

/// A thread's share of a stage: what is computed of some features, for all rows of a batch. Of the last stage, which is
/// small, every thread has all features, so that none waits for another's logits.
#[derive(Debug)]
pub(super) struct StageShard {
    pub(super) features: Range<usize>,
    /// The distance from row to row.
    pub(super) stride: usize,
    /// What each slot holds, and the gradient of it: `(rows, features)`, with 0 in the room between the rows.
    pub(super) activations: Vec<Buffer>,
    pub(super) deltas: Vec<Buffer>,
    pub(super) norms: Vec<Norm>,
    pub(super) blocks: Vec<Block>,
    /// Of the last stage, the losses and the correct answers.
    pub(super) tally: Tally,
}

/// Some outputs of a linear layer, and their part of the gradient of its inputs.
///
/// A gradient is the sum of the parts of two blocks of outputs, whether one thread has both or two have one each.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) outputs: Range<usize>,
    pub(super) of_inputs: Buffer,
    /// The distance from row to row.
    pub(super) stride: usize,
}

/// What all threads read during a pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) plan: &'a Plan,
    pub(super) parameters: &'a [ParameterShard],
    /// What dropout keeps, shared by rows.
    pub(super) inputs: &'a [RowShard],
    /// The rows of the batch, if their zeros are left out.
    pub(super) pixels: Option<Pixels<'a>>,
    pub(super) labels: &'a [u8],
}

impl Shared<'_> {
    pub(super) fn rows(&self) -> usize {
        self.labels.len()
    }
}

impl StageShard {
    /// Makes room for some features of at most `rows` rows; `empty` means that no slot is ever used.
    pub(super) fn new(plan: &Plan, stage: &Stage, features: Range<usize>, rows: usize, empty: bool) -> Self {
        let own_stride = stride(features.len());
        let slots = |used: bool| {
            let length = if used && !empty { rows * own_stride } else { 0 };
            (0..stage.slots).map(|_| Buffer::zeros(length)).collect()
        };
        let norms = stage.ops.iter().filter_map(|&op| Norm::new(op, features.clone(), rows)).collect();
        let inputs = stage.linear().filter(|op| plan.passes_gradient(*op)).map(|_| plan.stages[stage.number - 1].width);
        let block = |outputs| {
            let stride = stride(inputs?);
            Some(Block { outputs, of_inputs: Buffer::zeros(rows * stride), stride })
        };
        let blocks = plan.blocks(stage).filter(|block| !block.is_empty() && contains(&features, block));
        Self {
            activations: slots(true),
            deltas: slots(plan.needs_gradient(stage)),
            norms,
            blocks: blocks.filter_map(block).collect(),
            stride: own_stride,
            features,
            tally: Tally::default(),
        }
    }

    /// Copies the running statistics in from the values of the whole network.
    pub(super) fn load(&mut self, values: &[f32]) {
        self.norms.iter_mut().for_each(|norm| norm.load(values));
    }

    /// Copies them back.
    pub(super) fn store(&self, values: &mut [f32]) {
        self.norms.iter().for_each(|norm| norm.store(values));
    }

    /// Returns the output of this stage.
    pub(super) fn output(&self) -> &[f32] {
        &self.activations[self.activations.len() - 1]
    }

    /// Returns the output of this stage for a row.
    pub(super) fn output_of(&self, row: usize) -> &[f32] {
        &self.output()[row * self.stride..][..self.features.len()]
    }

    /// Returns the gradient of this stage's output for each row, of so many.
    pub(super) fn delta_rows(&self, rows: usize) -> impl Iterator<Item = &[f32]> {
        self.deltas[self.deltas.len() - 1].chunks_exact(self.stride).take(rows)
    }

    /// Returns the gradients of a norm's scale and shift.
    pub(super) fn norm(&self, op: Op) -> Option<&Norm> {
        self.norms.iter().find(|norm| norm.op.number == op.number)
    }

    /// Returns the logits of each row, of the last stage.
    pub(super) fn logits(&mut self, rows: usize) -> impl Iterator<Item = &mut [f32]> {
        let (slot, classes) = (self.activations.len() - 1, self.features.len());
        self.activations[slot].chunks_exact_mut(self.stride).take(rows).map(move |row| &mut row[..classes])
    }
}

pub(super) fn contains(whole: &Range<usize>, part: &Range<usize>) -> bool {
    whole.start <= part.start && part.end <= whole.end
}

/// Returns the slots that an operation reads and writes, or their gradients.
pub(super) fn pair(slots: &mut [Buffer], op: Op) -> (&mut [f32], &mut [f32]) {
    let (before, after) = slots.split_at_mut(op.output);
    (&mut before[op.input], &mut after[0])
}

/// Finds a thread's share of a vector of parameters; of the last stage, one thread has all.
pub(super) fn vector(parameters: &[ParameterShard], member: usize, op: Op, number: usize) -> &[f32] {
    let own = parameters[member].vector(op, number);
    own.or_else(|| parameters.iter().find_map(|shard| shard.vector(op, number))).unwrap_or_default()
}

/// Multiplies some features of all rows by the factors of a dropout, of which each thread has drawn some rows.
pub(super) fn drop_out(
    from: &[f32],
    to: &mut [f32],
    stride: usize,
    features: &Range<usize>,
    (op, width): (Op, usize),
    inputs: &[RowShard],
) {
    let Kind::Dropout { rate } = op.kind else { return };
    let kept = inputs.iter().flat_map(|input| input.kept(op.number, width));
    for ((from, to), kept) in from.chunks_exact(stride).zip(to.chunks_exact_mut(stride)).zip(kept) {
        for ((from, to), kept) in from.iter().zip(to).zip(&kept[features.clone()]) {
            *to = from * dropout_factor(rate, *kept);
        }
    }
}
