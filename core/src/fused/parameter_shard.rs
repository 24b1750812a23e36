//! A thread's share of the parameters.

use std::ops::Range;

use ch11_kernels::{Buffer, LANES, Left, Rows, add_product, add_rows, transpose};

use super::batch_shard::BatchShard;
use super::first_layer::FirstLayerShard;
use super::norm::Norm;
use super::parameters::{FlatParameters, ParameterBuffers, Update};
use super::plan::{Kind, Op, Plan, stride};

/// A thread's share of the parameters and of the optimizer's state: of the first layer those of some of its outputs, of
/// the other linear layers the weights of some of their inputs, and some of the vectors (biases, scales, shifts) whole.
#[derive(Debug)]
pub(super) struct ParameterShard {
    /// Its share of the first layer, if the zeros of that layer's input are left out.
    pub(super) first: Option<FirstLayerShard>,
    /// Its shares of the other linear layers.
    linears: Vec<LinearShard>,
    vectors: Vec<VectorShard>,
    /// The gradient of a few parameters at a time.
    gradient: Buffer,
}

/// The weights of some of a linear layer's inputs.
#[derive(Debug)]
pub(super) struct LinearShard {
    op: Op,
    shape: [usize; 2],
    pub(super) inputs: Range<usize>,
    /// By input: `(inputs, outputs)`, with whole vectors of outputs.
    pub(super) weights: ParameterBuffers,
    /// By output: `(outputs, inputs)`, with whole vectors of inputs, for the gradient of the inputs; empty where that
    /// is not needed.
    pub(super) by_output: Buffer,
}

/// A vector of parameters.
#[derive(Debug)]
struct VectorShard {
    op: Op,
    /// Its number among the vectors of its operation, and where it begins among the tensors of that.
    number: usize,
    offset: usize,
    length: usize,
    parameters: ParameterBuffers,
}

impl ParameterShard {
    /// Makes share number `index` of a `split` of all linear layers; all zeros. `sparse_batch` is the most rows of a
    /// batch, if the zeros of the input are left out.
    pub(super) fn new(
        plan: &Plan,
        split: &[Vec<Range<usize>>],
        index: usize,
        sparse_batch: Option<usize>,
        averages: bool,
    ) -> Self {
        let (mut first, mut linears, mut vectors) = (None, Vec::new(), Vec::new());
        for &op in &plan.ops {
            let (length, offsets) = match op.kind {
                Kind::Linear { inputs, outputs } => {
                    let share = split[op.linears_before][index].clone();
                    if let Some(batch) = sparse_batch.filter(|_| op.linears_before == 0) {
                        first = Some(FirstLayerShard::new(op, [inputs, outputs], share, batch, averages));
                        continue;
                    }
                    linears.push(LinearShard::new(plan, op, [inputs, outputs], share, averages));
                    (outputs, vec![inputs * outputs])
                }
                Kind::BatchNorm { features, .. } => (features, vec![0, features]),
                Kind::Activation(_) | Kind::Dropout { .. } => continue,
            };
            let shards = split.first().map_or(1, Vec::len);
            for (number, offset) in offsets.into_iter().enumerate().filter(|_| op.number % shards == index) {
                let parameters = ParameterBuffers::new(stride(length), op.learns, averages);
                vectors.push(VectorShard { op, number, offset, length, parameters });
            }
        }
        let widest = plan.widths.iter().skip(1).max().copied().unwrap_or(0);
        Self { first, linears, vectors, gradient: Buffer::zeros(LANES * stride(widest)) }
    }

    /// Returns its share of a linear layer.
    pub(super) fn linear(&self, op: Op) -> &LinearShard {
        &self.linears[op.linears_before - usize::from(self.first.is_some())]
    }

    /// Returns the vector of this number among those of an operation, if it is in this share.
    pub(super) fn vector(&self, op: Op, number: usize) -> Option<&[f32]> {
        let found = self.vectors.iter().find(|vector| (vector.op.number, vector.number) == (op.number, number));
        found.map(|vector| &*vector.parameters.values)
    }

    /// Copies its parameters in from those of the whole network.
    pub(super) fn load(&mut self, whole: &mut FlatParameters<'_>) {
        if let Some(first) = &mut self.first {
            first.load(whole);
        }
        for linear in &mut self.linears {
            let LinearShard { op, shape: [inputs, outputs], inputs: range, weights, .. } = linear;
            for (own, whole) in weights.beside(whole, *op).filter(|_| range.start < range.end) {
                transpose(&whole[range.start..], *outputs, range.len(), *inputs, own, stride(*outputs));
            }
            linear.transpose_all();
        }
        for VectorShard { op, offset, length, parameters, .. } in &mut self.vectors {
            for (own, whole) in parameters.beside(whole, *op) {
                own[..*length].copy_from_slice(&whole[*offset..][..*length]);
            }
        }
    }

    /// Copies its parameters back.
    pub(super) fn store(&mut self, whole: &mut FlatParameters<'_>) {
        if let Some(first) = &mut self.first {
            first.store(whole);
        }
        for linear in &mut self.linears {
            let LinearShard { op, shape: [inputs, outputs], inputs: range, weights, .. } = linear;
            for (own, whole) in weights.beside(whole, *op).filter(|_| range.start < range.end) {
                transpose(own, range.len(), *outputs, stride(*outputs), &mut whole[range.start..], *inputs);
            }
        }
        for VectorShard { op, offset, length, parameters, .. } in &mut self.vectors {
            for (own, whole) in parameters.beside(whole, *op) {
                whole[*offset..][..*length].copy_from_slice(&own[..*length]);
            }
        }
    }

    /// Takes a step against the gradients of a batch's rows.
    pub(super) fn update(&mut self, shards: &[BatchShard], norms: &[Norm], update: Update) {
        let Self { first, linears, vectors, gradient } = self;
        if let Some(first) = first.as_mut().filter(|first| first.learns()) {
            first.update(shards, gradient, update);
        }
        for linear in linears.iter_mut().filter(|linear| linear.op.learns) {
            linear.update(shards, gradient, update);
        }
        for vector in vectors.iter_mut().filter(|vector| vector.op.learns) {
            let gradient = &mut gradient[..vector.parameters.values.len()];
            vector.gather_gradient(shards, norms, gradient);
            vector.parameters.update(0..gradient.len(), gradient, update);
        }
    }
}

impl LinearShard {
    fn new(plan: &Plan, op: Op, shape: [usize; 2], inputs: Range<usize>, averages: bool) -> Self {
        let outputs = shape[1];
        let by_output = if plan.passes_gradient(op.number) { outputs * stride(inputs.len()) } else { 0 };
        let weights = ParameterBuffers::new(inputs.len() * stride(outputs), op.learns, averages);
        Self { op, shape, inputs, weights, by_output: Buffer::zeros(by_output) }
    }

    /// Brings `by_output` up to date.
    fn transpose_all(&mut self) {
        for first in (0..self.inputs.len()).step_by(LANES) {
            self.transpose_some(first..self.inputs.len().min(first + LANES));
        }
    }

    fn transpose_some(&mut self, inputs: Range<usize>) {
        let ([_, outputs], to) = (self.shape, stride(self.inputs.len()));
        if !self.by_output.is_empty() {
            let (from, stride) = (&self.weights.values[inputs.start * stride(outputs)..], stride(outputs));
            transpose(from, inputs.len(), outputs, stride, &mut self.by_output[inputs.start..], to);
        }
    }

    /// Takes a step against the gradients of a batch's rows: a few inputs at a time, so that all that belongs to them
    /// stays in the nearest cache.
    fn update(&mut self, shards: &[BatchShard], gradient: &mut [f32], update: Update) {
        let stride = stride(self.shape[1]);
        for first in (0..self.inputs.len()).step_by(LANES) {
            let inputs = first..self.inputs.len().min(first + LANES);
            let gradient = &mut gradient[..inputs.len() * stride];
            gradient.fill(0.0);
            for shard in shards.iter().filter(|shard| shard.count() > 0) {
                self.add_gradient(shard, &inputs, gradient);
            }
            self.weights.update(inputs.start * stride..inputs.end * stride, gradient, update);
            self.transpose_some(inputs);
        }
    }

    /// Adds the gradients of a shard's rows to those of the weights of some inputs.
    fn add_gradient(&self, shard: &BatchShard, inputs: &Range<usize>, gradient: &mut [f32]) {
        let (op, [all_inputs, outputs]) = (self.op, self.shape);
        let to = stride(outputs);
        let values = &shard.activations[op.input][self.inputs.start + inputs.start..];
        let left = Left::transposed(values, inputs.len(), shard.count(), stride(all_inputs));
        let deltas = Rows { values: &*shard.deltas[op.output], stride: to };
        add_product(left, deltas, to, Rows { values: gradient, stride: to });
    }
}

impl VectorShard {
    fn gather_gradient(&self, shards: &[BatchShard], norms: &[Norm], gradient: &mut [f32]) {
        if let Some(norm) = norms.iter().find(|norm| norm.op.number == self.op.number) {
            return gradient.copy_from_slice(if self.number == 0 { &norm.of_scale } else { &norm.of_shift });
        }
        gradient.fill(0.0);
        for shard in shards {
            let rows = shard.count() * gradient.len();
            add_rows(&shard.deltas[self.op.output][..rows], gradient);
        }
    }
}
