//! The backward pass of a thread's share of a stage.

use std::ops::Range;

use ch11_kernels::{
    Left, Onto, Rows, add_product, cross_entropy_of_rows, elu_backward, leaky_relu_backward, logistic,
    logistic_backward, logistic_loss,
};

use super::plan::{Kind, Stage};
use super::stage_shard::{Shared, StageShard, drop_out, pair, vector};
use crate::nets::{Activation, Tally};

impl StageShard {
    /// Computes the loss of each row, and the gradient of the logits, `(probability - 1 if it is the label's) / rows`;
    /// goes back to this thread's features of the stage before.
    pub(super) fn cross_entropy(&mut self, stage: &Stage, member: usize, shared: Shared<'_>) {
        let (slot, stride, rows) = (stage.last_slot(), self.stride, shared.rows());
        let logits = Rows { values: &*self.activations[slot], stride };
        let gradients = Rows { values: &mut *self.deltas[slot], stride };
        let share = (rows as f32).recip();
        let (loss_sum, correct) = cross_entropy_of_rows(logits, stage.width, shared.labels, share, gradients);
        self.tally = Tally { loss_sum, correct, count: rows };
        self.backward_from_last(stage, member, shared);
    }

    /// Computes the logistic loss of each row's only logit, whose label is 0 or 1, and its gradient, `(probability -
    /// label) / rows`; goes back as [`cross_entropy`](Self::cross_entropy) does.
    pub(super) fn logistic_loss(&mut self, stage: &Stage, member: usize, shared: Shared<'_>) {
        let (slot, share) = (stage.last_slot(), (shared.rows() as f32).recip());
        let rows = self.activations[slot].chunks_exact(self.stride);
        self.tally = Tally { loss_sum: 0.0, correct: 0, count: shared.rows() };
        let rows = rows.zip(self.deltas[slot].chunks_exact_mut(self.stride));
        for ((logits, gradient), &label) in rows.zip(shared.labels) {
            let logit = logits[0];
            self.tally.correct += usize::from((logit > 0.0) == (label == 1));
            self.tally.loss_sum += f64::from(logistic_loss(logit, label == 1));
            gradient[0] = (logistic(logit) - f32::from(label)) * share;
        }
        self.backward_from_last(stage, member, shared);
    }

    /// Takes the gradient of the last stage's output, row by row, and goes back from it.
    pub(super) fn take_gradient<'a>(
        &mut self,
        gradient: impl Iterator<Item = &'a [f32]>,
        stage: &Stage,
        member: usize,
        shared: Shared<'_>,
    ) {
        let width = self.features.len();
        for (to, from) in self.deltas[stage.last_slot()].chunks_exact_mut(self.stride).zip(gradient) {
            to[..width].copy_from_slice(&from[..width]);
        }
        self.backward_from_last(stage, member, shared);
    }

    /// Goes back through the last stage to this thread's features of the one before.
    fn backward_from_last(&mut self, stage: &Stage, member: usize, shared: Shared<'_>) {
        self.backward_elementwise(stage, member, shared);
        if stage.linear().is_some_and(|op| shared.plan.passes_gradient(op)) {
            let members = shared.parameters.len();
            let before = shared.plan.stages[stage.number - 1].shares(members).nth(member);
            self.backward_linear(stage, before.unwrap_or_default(), shared);
        }
    }

    /// Goes back from the stage `after` this one to the inputs of this one.
    pub(super) fn backward(&mut self, stage: &Stage, member: usize, after: &[Self], shared: Shared<'_>) {
        let (features, stride) = (self.features.clone(), self.stride);
        // Of the last stage, this thread has all features itself.
        let after = if stage.number + 1 == shared.plan.last().number { &after[member..=member] } else { after };
        let mut is_first = true;
        for block in after.iter().flat_map(|shard| &shard.blocks) {
            let sums = self.deltas[stage.last_slot()].chunks_exact_mut(stride);
            for (sums, part) in sums.zip(block.of_inputs.chunks_exact(block.stride)).take(shared.rows()) {
                let (sums, part) = (&mut sums[..features.len()], &part[features.clone()]);
                match is_first {
                    true => sums.copy_from_slice(part),
                    false => sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part),
                }
            }
            is_first = false;
        }
        self.backward_elementwise(stage, member, shared);
        if let Some(op) = stage.linear().filter(|op| shared.plan.passes_gradient(*op)) {
            let Kind::Linear { inputs, .. } = op.kind else { return };
            self.backward_linear(stage, 0..inputs, shared);
        }
    }

    /// Computes the gradient of some of the inputs of the linear layer, that of its outputs times the transpose of its
    /// weights: a part of it from each block of outputs.
    fn backward_linear(&mut self, stage: &Stage, inputs: Range<usize>, shared: Shared<'_>) {
        for block in &mut self.blocks {
            let mut onto = Onto::Zero;
            for linear in shared.parameters.iter().map(|parameters| parameters.linear(stage)) {
                let start = linear.outputs.start.max(block.outputs.start);
                let outputs = start..linear.outputs.end.min(block.outputs.end);
                if outputs.is_empty() || inputs.is_empty() {
                    continue;
                }
                let from = &self.deltas[0][outputs.start - self.features.start..];
                let left = Left::plain(from, shared.rows(), outputs.len(), self.stride);
                let (by_output, stride) = linear.by_output(outputs.start);
                let right = Rows { values: &by_output[inputs.start..], stride };
                let to = Rows { values: &mut block.of_inputs[inputs.start..], stride: block.stride };
                add_product(left, right, inputs.len(), onto, to);
                onto = Onto::Product;
            }
        }
    }

    /// Goes back through the operations that treat each feature by itself, the last one first, as far as gradients are
    /// needed.
    fn backward_elementwise(&mut self, stage: &Stage, member: usize, shared: Shared<'_>) {
        if self.features.is_empty() {
            return;
        }
        let length = shared.rows() * self.stride;
        for &op in stage.ops.iter().rev().filter(|op| op.learns) {
            let passes = shared.plan.passes_gradient(op);
            match op.kind {
                Kind::BatchNorm { .. } => {
                    let Some(norm) = self.norms.iter_mut().find(|norm| norm.op.number == op.number) else { continue };
                    let (inputs, outputs) = pair(&mut self.deltas, op);
                    let scale = vector(shared.parameters, member, op, 0);
                    norm.backward(&outputs[..length], passes.then_some(&mut inputs[..length]), scale);
                }
                Kind::Activation(activation) if passes => {
                    let (outputs, deltas) =
                        (&self.activations[op.output][..length], &mut self.deltas[op.output][..length]);
                    match activation {
                        Activation::Elu => elu_backward(outputs, deltas),
                        Activation::Relu => leaky_relu_backward(0.0, outputs, deltas),
                        Activation::Logistic => logistic_backward(outputs, deltas),
                        Activation::LeakyRelu { slope } => leaky_relu_backward(slope, outputs, deltas),
                    }
                }
                Kind::Dropout { .. } if passes => {
                    let (inputs, outputs) = pair(&mut self.deltas, op);
                    drop_out(outputs, inputs, self.stride, &self.features, (op, stage.width), shared.inputs);
                }
                Kind::Linear { .. } | Kind::Activation(_) | Kind::Dropout { .. } => {}
            }
        }
    }
}
