//! A thread's share of the rows of a batch.

use std::ops::Range;

use ch11_kernels::{
    Buffer, Left, Rows, add_product, draw_dropout_factors, elu, elu_backward, largest, leaky_relu, leaky_relu_backward,
    prefetch, softmax,
};

use super::norm::{Norm, Statistics};
use super::part::Part;
use super::plan::{Kind, Op, Plan, stride};
use super::sparse::SparseRows;
use crate::data::Dataset;
use crate::nets::Activation;

/// How many rows ahead pixels are fetched: they lie anywhere in a memory far larger than the caches.
const PREFETCHED_ROWS: usize = 4;

/// A thread's share of the rows of a batch, and all that becomes of them.
#[derive(Debug, Default)]
pub(super) struct Worker {
    /// Which rows of the batch.
    pub(super) rows: Range<usize>,
    labels: Vec<u8>,
    /// What goes into the first linear layer, if its zeros are left out; it is a slot otherwise.
    pub(super) sparse: Option<SparseRows>,
    /// What each slot holds, and the gradient of it: `(rows, width)`, with whole vectors of a row.
    pub(super) values: Vec<Buffer>,
    pub(super) deltas: Vec<Buffer>,
    /// What each dropout multiplies by, and what each batch normalisation makes before scale and shift; by operation.
    factors: Vec<Buffer>,
    normalised: Vec<Buffer>,
    /// What each batch normalisation is told of each block of rows; by operation.
    pub(super) statistics: Vec<Statistics>,
    /// The loss of each row, and how many rows were classified correctly.
    pub(super) losses: Vec<f64>,
    pub(super) correct: usize,
    gathered: Vec<f32>,
    random: Vec<u8>,
}

/// What a worker needs of others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) plan: &'a Plan,
    pub(super) parts: &'a [Part],
    pub(super) norms: &'a [Norm],
    /// What each dropout is drawn from; by operation.
    pub(super) seeds: &'a [u64],
    /// Rows of a block, and of the whole batch.
    pub(super) block: usize,
    pub(super) batch: usize,
}

impl Worker {
    /// Makes a worker for at most `rows` rows; `sparse` tells whether the zeros of the input are left out.
    pub(super) fn new(plan: &Plan, rows: usize, sparse: bool) -> Self {
        let slots = || plan.widths.iter().map(|&width| Buffer::zeros(rows * stride(width))).collect::<Vec<_>>();
        let by_op = |wanted: fn(&Kind) -> bool| {
            let length = |op: &Op| if wanted(&op.kind) { rows * stride(plan.widths[op.output]) } else { 0 };
            plan.ops.iter().map(|op| Buffer::zeros(length(op))).collect()
        };
        Self {
            labels: Vec::with_capacity(rows),
            sparse: sparse.then(|| SparseRows::with_capacity(rows, plan.widths[0])),
            values: slots(),
            deltas: slots(),
            factors: by_op(|kind| matches!(kind, Kind::Dropout { .. })),
            normalised: by_op(|kind| matches!(kind, Kind::BatchNorm { .. })),
            statistics: plan.ops.iter().map(|_| Statistics::default()).collect(),
            losses: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Returns how many rows there are.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Takes this worker's rows of a batch out of the data.
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
                sparse.push(nonzero, row);
            }
            return;
        }
        data.gather(own, &mut self.gathered);
        for (to, from) in self.values[0].chunks_exact_mut(stride(D)).zip(self.gathered.chunks_exact(D)) {
            to[..D].copy_from_slice(from);
        }
    }

    /// Goes forward through some operations.
    pub(super) fn forward(&mut self, ops: Range<usize>, around: Surroundings<'_>) {
        for &op in &around.plan.ops[ops] {
            match op.kind {
                Kind::Linear { outputs, .. } if self.sparse.is_some() && op.linears_before == 0 => {
                    self.gather_first(op, stride(outputs), around.parts);
                }
                Kind::Linear { inputs, outputs } => self.linear(op, [inputs, outputs].map(stride), around.parts),
                Kind::BatchNorm { features, .. } => self.normalise(op, stride(features), around),
                Kind::Activation(activation) => {
                    let length = self.length(op.output, around.plan);
                    let values = &mut self.values[op.output][..length];
                    match activation {
                        Activation::Elu => elu(values),
                        Activation::Relu => leaky_relu(0.0, values),
                        Activation::LeakyRelu { slope } => leaky_relu(slope, values),
                    }
                }
                Kind::Dropout { rate } => self.drop_some(op, rate, around),
            }
        }
    }

    /// Returns what comes out of the last operation for each row.
    pub(super) fn outputs(&self, plan: &Plan) -> impl Iterator<Item = &[f32]> {
        let slot = plan.widths.len() - 1;
        let rows = self.values[slot].chunks_exact(stride(plan.widths[slot])).take(self.count());
        rows.map(move |row| &row[..plan.widths[slot]])
    }

    /// Goes back through some operations, the last one first, as far as gradients are of use. Batch normalisation goes its own way.
    pub(super) fn backward(&mut self, ops: Range<usize>, around: Surroundings<'_>) {
        for &op in around.plan.ops[ops].iter().rev().filter(|op| op.learns) {
            let passes = around.plan.passes_gradient(op.number);
            match op.kind {
                Kind::Linear { inputs, outputs } if passes => {
                    self.linear_backward(op, [inputs, outputs].map(stride), outputs, around.parts);
                }
                Kind::Activation(activation) if passes => {
                    let length = self.length(op.output, around.plan);
                    let (outputs, gradient) =
                        (&self.values[op.output][..length], &mut self.deltas[op.output][..length]);
                    match activation {
                        Activation::Elu => elu_backward(outputs, gradient),
                        Activation::Relu => leaky_relu_backward(0.0, outputs, gradient),
                        Activation::LeakyRelu { slope } => leaky_relu_backward(slope, outputs, gradient),
                    }
                }
                Kind::Dropout { .. } if passes => {
                    let length = self.length(op.output, around.plan);
                    let (input, output) = pair(&mut self.deltas, op);
                    products(&output[..length], &self.factors[op.number], &mut input[..length]);
                }
                _ => {}
            }
        }
    }

    /// Returns how many of a slot's values are those of this batch.
    fn length(&self, slot: usize, plan: &Plan) -> usize {
        self.count() * stride(plan.widths[slot])
    }

    /// Takes what the parts of the first layer made of these rows.
    fn gather_first(&mut self, op: Op, to: usize, parts: &[Part]) {
        let output = &mut self.values[op.output];
        for part in parts.iter().filter_map(|part| part.first.as_ref()).filter(|part| !part.outputs.is_empty()) {
            let width = stride(part.outputs.len());
            let rows = part.outputs_of(&self.rows).chunks_exact(width).zip(output.chunks_exact_mut(to));
            rows.for_each(|(from, to)| to[part.outputs.start..][..width].copy_from_slice(from));
        }
    }

    fn linear(&mut self, op: Op, [from, to]: [usize; 2], parts: &[Part]) {
        let count = self.count();
        let bias = vector(parts, op, 0);
        let (input, output) = pair(&mut self.values, op);
        for row in output[..count * to].chunks_exact_mut(to) {
            row.copy_from_slice(bias);
        }
        for part in parts.iter().map(|part| part.linear(op)).filter(|part| !part.inputs.is_empty() && count > 0) {
            let left = Left::plain(&input[part.inputs.start..], count, part.inputs.len(), from);
            let right = Rows { values: &*part.weights.values, stride: to };
            add_product(left, right, to, Rows { values: output, stride: to });
        }
    }

    fn linear_backward(&mut self, op: Op, [from, to]: [usize; 2], outputs: usize, parts: &[Part]) {
        let count = self.count();
        let (input, output) = pair(&mut self.deltas, op);
        input[..count * from].fill(0.0);
        for part in parts.iter().map(|part| part.linear(op)).filter(|part| !part.inputs.is_empty() && count > 0) {
            let columns = stride(part.inputs.len());
            let left = Left::plain(output, count, outputs, to);
            let right = Rows { values: &*part.by_output, stride: columns };
            add_product(left, right, columns, Rows { values: &mut input[part.inputs.start..], stride: from });
        }
    }

    fn drop_some(&mut self, op: Op, rate: f32, around: Surroundings<'_>) {
        let (width, seed) = (around.plan.widths[op.input], around.seeds[op.number]);
        let (padded, first) = (stride(width), self.rows.start * width);
        // Drawn row after row without gaps, as for a tensor of the whole batch.
        self.gathered.resize(self.rows.len() * width, 0.0);
        draw_dropout_factors(rate, seed, first, &mut self.gathered, &mut self.random);
        if let Some(sparse) = self.sparse.as_mut().filter(|_| op.linears_before == 0) {
            return sparse.multiply(&self.gathered, width);
        }
        let length = self.length(op.output, around.plan);
        let factors = &mut self.factors[op.number][..length];
        for (to, from) in factors.chunks_exact_mut(padded).zip(self.gathered.chunks_exact(width)) {
            to[..width].copy_from_slice(from);
        }
        let (input, output) = pair(&mut self.values, op);
        products(&input[..length], factors, &mut output[..length]);
    }

    /// Tells a batch normalisation what goes into it.
    pub(super) fn measure(&mut self, norm: &Norm, around: Surroundings<'_>) {
        let width = norm.width();
        let values = &self.values[norm.op.input][..self.rows.len() * width];
        self.statistics[norm.op.number].measure(values, around.block * width, width);
    }

    fn normalise(&mut self, op: Op, width: usize, around: Surroundings<'_>) {
        let Some(norm) = around.norms.iter().find(|norm| norm.op.number == op.number) else { return };
        let [scale, shift] = [0, 1].map(|number| vector(around.parts, op, number));
        let length = self.rows.len() * width;
        let (input, output) = pair(&mut self.values, op);
        let normalised = &mut self.normalised[op.number][..length];
        norm.normalise(&input[..length], normalised, &mut output[..length], scale, shift);
    }

    /// Tells a batch normalisation the gradient of what comes out of it.
    pub(super) fn measure_gradient(&mut self, norm: &Norm, around: Surroundings<'_>) {
        let (width, number) = (norm.width(), norm.op.number);
        let length = self.rows.len() * width;
        let (gradient, normalised) = (&self.deltas[norm.op.output][..length], &self.normalised[number][..length]);
        self.statistics[number].measure_gradient(gradient, normalised, around.block * width, width);
    }

    /// Goes back through a batch normalisation.
    pub(super) fn normalise_backward(&mut self, norm: &Norm, around: Surroundings<'_>) {
        if !around.plan.passes_gradient(norm.op.number) {
            return;
        }
        let length = self.rows.len() * norm.width();
        let scale = vector(around.parts, norm.op, 0);
        let (input, output) = pair(&mut self.deltas, norm.op);
        let normalised = &self.normalised[norm.op.number][..length];
        norm.backward(&output[..length], normalised, &mut input[..length], scale, around.batch);
    }

    /// Computes the loss of each row, and its gradient: mean cross-entropy over the batch.
    pub(super) fn lose(&mut self, around: Surroundings<'_>) {
        let slot = around.plan.widths.len() - 1;
        let classes = around.plan.widths[slot];
        let rows =
            self.values[slot].chunks_exact(stride(classes)).zip(self.deltas[slot].chunks_exact_mut(stride(classes)));
        self.losses.clear();
        self.correct = 0;
        for ((logits, gradient), &label) in rows.zip(&self.labels) {
            let (logits, gradient, label) = (&logits[..classes], &mut gradient[..classes], usize::from(label));
            self.correct += usize::from(largest(logits) == label);
            gradient.copy_from_slice(logits);
            self.losses.push(f64::from(softmax(gradient) - logits[label]));
            gradient[label] -= 1.0;
            gradient.iter_mut().for_each(|value| *value *= 1.0 / around.batch as f32);
        }
    }
}

/// Returns what an operation takes and what it makes, or the gradients of the two.
fn pair(slots: &mut [Buffer], op: Op) -> (&mut [f32], &mut [f32]) {
    let (before, after) = slots.split_at_mut(op.output);
    (&mut before[op.input], &mut after[0])
}

/// Finds a vector of parameters.
fn vector(parts: &[Part], op: Op, number: usize) -> &[f32] {
    let owner = &parts[op.number % parts.len()];
    let found = owner.vectors.iter().find(|vector| vector.of == (op.number, number));
    found.map_or(&[], |vector| &*vector.learnt.values)
}

fn products(left: &[f32], right: &[f32], products: &mut [f32]) {
    for ((product, left), right) in products.iter_mut().zip(left).zip(right) {
        *product = left * right;
    }
}
