//! The forward and the backward pass of a thread's rows, operation by operation.

use std::ops::Range;

use ch11_kernels::{
    Buffer, Left, Rows, add_product, cross_entropy, draw_dropout_factors, elu, elu_backward, largest, leaky_relu,
    leaky_relu_backward,
};

use super::batch_shard::BatchShard;
use super::norm::Norm;
use super::parameter_shard::ParameterShard;
use super::plan::{Kind, Op, Plan, stride};
use crate::nets::Activation;

/// What all threads read during a pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) plan: &'a Plan,
    pub(super) parameters: &'a [ParameterShard],
    pub(super) norms: &'a [Norm],
    /// The seed of each dropout; by operation.
    pub(super) seeds: &'a [u64],
    /// The rows of a block, and of the whole batch.
    pub(super) block: usize,
    pub(super) batch: usize,
}

impl BatchShard {
    /// Goes forward through some operations.
    pub(super) fn forward(&mut self, ops: Range<usize>, shared: Shared<'_>) {
        for &op in &shared.plan.ops[ops] {
            match op.kind {
                Kind::Linear { outputs, .. } if self.sparse.is_some() && op.linears_before == 0 => {
                    self.gather_first(op, stride(outputs), shared.parameters);
                }
                Kind::Linear { inputs, outputs } => self.linear(op, [inputs, outputs].map(stride), shared.parameters),
                Kind::BatchNorm { features, .. } => self.normalise(op, stride(features), shared),
                Kind::Activation(activation) => self.activate(op, activation, shared.plan),
                Kind::Dropout { rate } => self.drop_out(op, rate, shared),
            }
        }
    }

    /// Goes back from operation `end` to a batch normalisation, of which the sums of gradients are taken, or to the
    /// inputs.
    pub(super) fn backward_to(&mut self, norm: Option<&Norm>, end: usize, shared: Shared<'_>) {
        self.backward(norm.map_or(0, |norm| norm.op.number + 1)..end, shared);
        if let Some(norm) = norm {
            self.measure_gradient(norm, shared);
        }
    }

    /// Goes back through some operations, the last one first, as far as gradients are needed. Batch normalisations are
    /// left to [`normalise_backward`](Self::normalise_backward), since they need sums over all rows first.
    fn backward(&mut self, ops: Range<usize>, shared: Shared<'_>) {
        let Shared { plan, parameters, .. } = shared;
        for &op in plan.ops[ops].iter().rev().filter(|op| op.learns && plan.passes_gradient(op.number)) {
            match op.kind {
                Kind::Linear { inputs, outputs } => self.linear_backward(op, [inputs, outputs], parameters),
                Kind::Activation(activation) => self.activate_backward(op, activation, plan),
                Kind::Dropout { .. } => self.drop_out_backward(op, plan),
                Kind::BatchNorm { .. } => {}
            }
        }
    }

    /// Gathers the first layer's outputs of these rows from the threads that computed some outputs of all rows each.
    fn gather_first(&mut self, op: Op, to: usize, parameters: &[ParameterShard]) {
        let output = &mut self.activations[op.output];
        let shares = parameters.iter().filter_map(|shard| shard.first.as_ref());
        for share in shares.filter(|share| !share.outputs.is_empty()) {
            let width = stride(share.outputs.len());
            let rows = share.outputs_of(&self.rows).chunks_exact(width).zip(output.chunks_exact_mut(to));
            rows.for_each(|(from, to)| to[share.outputs.start..][..width].copy_from_slice(from));
        }
    }

    /// Computes `y = x W + b`, with `W` as `(inputs, outputs)`.
    fn linear(&mut self, op: Op, [from, to]: [usize; 2], parameters: &[ParameterShard]) {
        let count = self.count();
        let bias = vector(parameters, op, 0);
        let (input, output) = pair(&mut self.activations, op);
        for row in output[..count * to].chunks_exact_mut(to) {
            row.copy_from_slice(bias);
        }
        let shares = parameters.iter().map(|shard| shard.linear(op));
        for share in shares.filter(|share| !share.inputs.is_empty() && count > 0) {
            let left = Left::plain(&input[share.inputs.start..], count, share.inputs.len(), from);
            let right = Rows { values: &*share.weights.values, stride: to };
            add_product(left, right, to, Rows { values: output, stride: to });
        }
    }

    /// Computes the gradient of the inputs, that of the outputs times the transpose of `W`.
    fn linear_backward(&mut self, op: Op, [inputs, outputs]: [usize; 2], parameters: &[ParameterShard]) {
        let (count, from, to) = (self.count(), stride(inputs), stride(outputs));
        let (input, output) = pair(&mut self.deltas, op);
        input[..count * from].fill(0.0);
        let shares = parameters.iter().map(|shard| shard.linear(op));
        for share in shares.filter(|share| !share.inputs.is_empty() && count > 0) {
            let columns = stride(share.inputs.len());
            let left = Left::plain(output, count, outputs, to);
            let right = Rows { values: &*share.by_output, stride: columns };
            add_product(left, right, columns, Rows { values: &mut input[share.inputs.start..], stride: from });
        }
    }

    fn activate(&mut self, op: Op, activation: Activation, plan: &Plan) {
        let length = self.length(op.output, plan);
        let values = &mut self.activations[op.output][..length];
        match activation {
            Activation::Elu => elu(values),
            Activation::Relu => leaky_relu(0.0, values),
            Activation::LeakyRelu { slope } => leaky_relu(slope, values),
        }
    }

    fn activate_backward(&mut self, op: Op, activation: Activation, plan: &Plan) {
        let length = self.length(op.output, plan);
        let (outputs, gradient) = (&self.activations[op.output][..length], &mut self.deltas[op.output][..length]);
        match activation {
            Activation::Elu => elu_backward(outputs, gradient),
            Activation::Relu => leaky_relu_backward(0.0, outputs, gradient),
            Activation::LeakyRelu { slope } => leaky_relu_backward(slope, outputs, gradient),
        }
    }

    fn drop_out(&mut self, op: Op, rate: f32, shared: Shared<'_>) {
        let (width, seed) = (shared.plan.widths[op.input], shared.seeds[op.number]);
        let (padded, first) = (stride(width), self.rows.start * width);
        // Drawn row after row without gaps, as for a tensor of the whole batch.
        self.gathered.resize(self.count() * width, 0.0);
        draw_dropout_factors(rate, seed, first, &mut self.gathered, &mut self.random);
        if let Some(sparse) = self.sparse.as_mut().filter(|_| op.linears_before == 0) {
            return sparse.multiply(&self.gathered, width);
        }
        let length = self.length(op.output, shared.plan);
        let factors = &mut self.factors[op.number][..length];
        for (to, from) in factors.chunks_exact_mut(padded).zip(self.gathered.chunks_exact(width)) {
            to[..width].copy_from_slice(from);
        }
        let (input, output) = pair(&mut self.activations, op);
        multiply(&input[..length], factors, &mut output[..length]);
    }

    fn drop_out_backward(&mut self, op: Op, plan: &Plan) {
        let length = self.length(op.output, plan);
        let (input, output) = pair(&mut self.deltas, op);
        multiply(&output[..length], &self.factors[op.number], &mut input[..length]);
    }

    /// Takes the statistics of the inputs of a batch normalisation.
    pub(super) fn measure(&mut self, norm: &Norm, shared: Shared<'_>) {
        let width = norm.width();
        let inputs = &self.activations[norm.op.input][..self.rows.len() * width];
        self.statistics[norm.op.number].measure(inputs, shared.block * width, width);
    }

    fn normalise(&mut self, op: Op, width: usize, shared: Shared<'_>) {
        let Some(norm) = shared.norms.iter().find(|norm| norm.op.number == op.number) else { return };
        let [scale, shift] = [0, 1].map(|number| vector(shared.parameters, op, number));
        let length = self.rows.len() * width;
        let (input, output) = pair(&mut self.activations, op);
        let normalised = &mut self.normalised[op.number][..length];
        norm.normalise(&input[..length], normalised, &mut output[..length], scale, shift);
    }

    /// Sums the gradients of scale and shift of a batch normalisation over these rows.
    fn measure_gradient(&mut self, norm: &Norm, shared: Shared<'_>) {
        let (width, number) = (norm.width(), norm.op.number);
        let length = self.rows.len() * width;
        let (gradient, normalised) = (&self.deltas[norm.op.output][..length], &self.normalised[number][..length]);
        self.statistics[number].measure_gradient(gradient, normalised, shared.block * width, width);
    }

    /// Goes back through a batch normalisation.
    pub(super) fn normalise_backward(&mut self, norm: &Norm, shared: Shared<'_>) {
        if !shared.plan.passes_gradient(norm.op.number) {
            return;
        }
        let length = self.rows.len() * norm.width();
        let scale = vector(shared.parameters, norm.op, 0);
        let (input, output) = pair(&mut self.deltas, norm.op);
        let normalised = &self.normalised[norm.op.number][..length];
        norm.backward(&output[..length], normalised, &mut input[..length], scale, shared.batch);
    }

    /// Computes the loss of each row, and the gradient of the logits: (probability - 1 if it is the label's) / batch.
    pub(super) fn cross_entropy(&mut self, shared: Shared<'_>) {
        let slot = shared.plan.widths.len() - 1;
        let classes = shared.plan.widths[slot];
        let rows = self.activations[slot]
            .chunks_exact(stride(classes))
            .zip(self.deltas[slot].chunks_exact_mut(stride(classes)));
        self.losses.clear();
        self.correct = 0;
        for ((logits, gradient), &label) in rows.zip(&self.labels) {
            let (logits, gradient, label) = (&logits[..classes], &mut gradient[..classes], usize::from(label));
            self.correct += usize::from(largest(logits) == label);
            gradient.copy_from_slice(logits);
            self.losses.push(f64::from(cross_entropy(gradient, label)));
            gradient.iter_mut().for_each(|value| *value *= 1.0 / shared.batch as f32);
        }
    }
}

/// Returns the input and the output of an operation, or their gradients.
fn pair(slots: &mut [Buffer], op: Op) -> (&mut [f32], &mut [f32]) {
    let (before, after) = slots.split_at_mut(op.output);
    (&mut before[op.input], &mut after[0])
}

/// Finds a vector of parameters in the shard that has it.
fn vector(parameters: &[ParameterShard], op: Op, number: usize) -> &[f32] {
    parameters[op.number % parameters.len()].vector(op, number).unwrap_or_default()
}

fn multiply(values: &[f32], factors: &[f32], products: &mut [f32]) {
    for ((product, value), factor) in products.iter_mut().zip(values).zip(factors) {
        *product = value * factor;
    }
}
