//! A thread's share of the parameters.

use std::ops::Range;

use ch11_kernels::{BLOCK, Buffer, LANES, Rows, transpose};

use super::parameters::{FlatParameters, ParameterBuffers};
use super::plan::{Kind, Op, Plan, Stage, stride};

/// Of how many inputs the gradient is computed together, so that all that belongs to them stays near.
pub(super) const INPUTS: usize = 3 * LANES;

/// A thread's share of the parameters and of the optimizer's state: those of some outputs of each layer, which no other
/// thread changes.
#[derive(Debug)]
pub(super) struct ParameterShard {
    /// By stage; the first has none.
    pub(super) linears: Vec<LinearShard>,
    /// Scales and shifts.
    pub(super) vectors: Vec<VectorShard>,
    /// The gradients of a few inputs' weights at a time, and those of a block of pixels' weights.
    pub(super) gradient: Buffer,
    pub(super) block: Buffer,
}

/// The weights and biases of some of a linear layer's outputs.
#[derive(Debug)]
pub(super) struct LinearShard {
    pub(super) op: Op,
    pub(super) inputs: usize,
    pub(super) outputs: Range<usize>,
    /// Outputs of the whole layer.
    all_outputs: usize,
    /// By input: `(inputs, outputs)`, with whole vectors of outputs.
    pub(super) weights: ParameterBuffers,
    pub(super) biases: ParameterBuffers,
    /// By output: `(outputs, inputs)`, with whole vectors of inputs, for the gradient of the inputs; empty where that
    /// is not needed.
    by_output: Buffer,
    /// The gradient of a few inputs' weights by output, if there are few outputs.
    pub(super) by_few_outputs: Buffer,
}

/// Some features of a scale or a shift.
#[derive(Debug)]
pub(super) struct VectorShard {
    pub(super) op: Op,
    /// Its number among the vectors of its operation, and the features of each of them.
    pub(super) number: usize,
    layer: usize,
    pub(super) stage: usize,
    features: Range<usize>,
    pub(super) parameters: ParameterBuffers,
}

impl ParameterShard {
    /// Makes the share of member number `index` of so many; all zeros.
    pub(super) fn new(plan: &Plan, index: usize, members: usize, averages: bool) -> Self {
        let (mut linears, mut vectors) = (Vec::new(), Vec::new());
        for stage in &plan.stages {
            let Some(share) = stage.shares(members).nth(index) else { continue };
            for &op in &stage.ops {
                match op.kind {
                    Kind::Linear { .. } => linears.push(LinearShard::new(plan, op, share.clone(), averages)),
                    Kind::BatchNorm { features: layer, .. } => vectors.extend([0, 1].map(|number| VectorShard {
                        op,
                        number,
                        layer,
                        stage: stage.number,
                        features: share.clone(),
                        parameters: ParameterBuffers::new(stride(share.len()), op.learns, averages),
                    })),
                    Kind::Activation(_) | Kind::Dropout { .. } => {}
                }
            }
        }
        let widest = linears.iter().map(|linear| stride(linear.outputs.len())).max().unwrap_or(0);
        Self { linears, vectors, gradient: Buffer::zeros(INPUTS * widest), block: Buffer::zeros(BLOCK * widest) }
    }

    /// Returns its share of a stage's linear layer.
    pub(super) fn linear(&self, stage: &Stage) -> &LinearShard {
        &self.linears[stage.number - 1]
    }

    /// Returns its share of the vector of this number among those of an operation, if it has any.
    pub(super) fn vector(&self, op: Op, number: usize) -> Option<&[f32]> {
        let found = self.vectors.iter().find(|vector| (vector.op.number, vector.number) == (op.number, number));
        found.filter(|vector| !vector.features.is_empty()).map(|vector| &*vector.parameters.values)
    }

    /// Copies its parameters in from those of the whole network.
    pub(super) fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.linears.iter_mut().for_each(|linear| linear.load(whole));
        for vector in &mut self.vectors {
            vector.beside(whole).for_each(|(own, whole)| own.copy_from_slice(whole));
        }
    }

    /// Copies its parameters back.
    pub(super) fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.linears.iter_mut().for_each(|linear| linear.store(whole));
        for vector in &mut self.vectors {
            vector.beside(whole).for_each(|(own, whole)| whole.copy_from_slice(own));
        }
    }
}

impl LinearShard {
    fn new(plan: &Plan, op: Op, outputs: Range<usize>, averages: bool) -> Self {
        let Kind::Linear { inputs, outputs: all_outputs } = op.kind else { unreachable!("a linear layer") };
        let buffers = |length| ParameterBuffers::new(length, op.learns, averages);
        let width = if outputs.is_empty() { 0 } else { stride(outputs.len()) };
        let by_output = if plan.passes_gradient(op) { outputs.len() * stride(inputs) } else { 0 };
        Self {
            op,
            inputs,
            all_outputs,
            weights: buffers(inputs * width),
            biases: buffers(width),
            by_output: Buffer::zeros(by_output),
            by_few_outputs: Buffer::zeros(if outputs.len() < LANES { width * INPUTS } else { 0 }),
            outputs,
        }
    }

    /// Returns how many columns to compute. A few outputs are computed with the room beside them, which holds 0: together
    /// they fill a vector or two.
    pub(super) fn columns(&self) -> usize {
        if self.outputs.len() < LANES { stride(self.outputs.len()) } else { self.outputs.len() }
    }

    /// Returns the weights, `(inputs, outputs)`, with whole vectors of outputs.
    pub(super) fn weights(&self) -> &[f32] {
        &self.weights.values
    }

    pub(super) fn biases(&self) -> &[f32] {
        &self.biases.values
    }

    /// Returns the weights by output from one of its outputs on, `(outputs, inputs)`, and the distance from row to row.
    pub(super) fn by_output(&self, output: usize) -> (&[f32], usize) {
        let stride = stride(self.inputs);
        (&self.by_output[(output - self.outputs.start) * stride..], stride)
    }

    /// Copies its parameters in from those of the whole network, which has the weights by output.
    fn load(&mut self, whole: &mut FlatParameters<'_>) {
        let (inputs, count, width) = (self.inputs, self.outputs.len(), stride(self.outputs.len()));
        for (own, whole) in self.weights.beside(whole, self.op, self.outputs.start * inputs) {
            transpose(Rows { values: whole, stride: inputs }, count, inputs, Rows { values: own, stride: width });
        }
        let biases = self.all_outputs * inputs + self.outputs.start;
        for (own, whole) in self.biases.beside(whole, self.op, biases) {
            own[..count].copy_from_slice(&whole[..count]);
        }
        self.transpose_some(0..inputs);
    }

    /// Copies its parameters back.
    fn store(&mut self, whole: &mut FlatParameters<'_>) {
        let (inputs, count, width) = (self.inputs, self.outputs.len(), stride(self.outputs.len()));
        for (own, whole) in self.weights.beside(whole, self.op, self.outputs.start * inputs) {
            transpose(Rows { values: own, stride: width }, inputs, count, Rows { values: whole, stride: inputs });
        }
        let biases = self.all_outputs * inputs + self.outputs.start;
        for (own, whole) in self.biases.beside(whole, self.op, biases) {
            whole[..count].copy_from_slice(&own[..count]);
        }
    }

    /// Brings `by_output` up to date.
    pub(super) fn transpose_some(&mut self, inputs: Range<usize>) {
        if !self.by_output.is_empty() {
            let (width, count) = (stride(self.outputs.len()), self.outputs.len());
            let from = Rows { values: &self.weights.values[inputs.start * width..], stride: width };
            let to = Rows { values: &mut self.by_output[inputs.start..], stride: stride(self.inputs) };
            transpose(from, inputs.len(), count, to);
        }
    }
}

impl VectorShard {
    /// Pairs its parameters with those of the whole network.
    fn beside<'a>(
        &'a mut self,
        whole: &'a mut FlatParameters<'_>,
    ) -> impl Iterator<Item = (&'a mut [f32], &'a mut [f32])> {
        let (count, start) = (self.features.len(), self.number * self.layer + self.features.start);
        let pairs = self.parameters.beside(whole, self.op, start);
        pairs.map(move |(own, whole)| (&mut own[..count], &mut whole[..count]))
    }
}
