//! A thread's share of the parameters.

use std::ops::Range;

use ch11_kernels::{
    AdamStep, Buffer, LANES, Left, NesterovStep, Rows, adam_step, add_product, add_rows, average, averaged_adam_step,
    nesterov_step, transpose,
};

use super::first::FirstPart;
use super::norm::Norm;
use super::plan::{Kind, Op, Plan, stride};
use super::worker::Worker;

/// A thread's share of the parameters, with all that an optimizer keeps of them: of the first layer those of some of its outputs, of
/// other linear layers the weights of some of their inputs, and some of the vectors (biases, scales, shifts) whole.
#[derive(Debug)]
pub(super) struct Part {
    /// Of the first layer, if that takes rows without their zeros.
    pub(super) first: Option<FirstPart>,
    /// Of the other ones.
    linears: Vec<LinearPart>,
    pub(super) vectors: Vec<VectorPart>,
    /// The gradient of a few parameters at a time.
    gradient: Buffer,
}

/// The weights of some of a linear layer's inputs.
#[derive(Debug)]
pub(super) struct LinearPart {
    op: Op,
    shape: [usize; 2],
    pub(super) inputs: Range<usize>,
    /// By input: `(inputs, outputs)`, with whole vectors of outputs.
    pub(super) weights: Learnt,
    /// By output: `(outputs, inputs)`, with whole vectors of inputs, for the gradient of the inputs; empty if that is of no use.
    pub(super) by_output: Buffer,
}

/// A vector of parameters.
#[derive(Debug)]
pub(super) struct VectorPart {
    /// The number of its operation, and its own among the vectors of that.
    pub(super) of: (usize, usize),
    op: Op,
    /// Where it begins among the tensors of its operation.
    offset: usize,
    length: usize,
    pub(super) learnt: Learnt,
}

/// Parameters, and what an optimizer keeps of them.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    pub(super) values: Buffer,
    /// Adam's first and second moments, or Nesterov's velocities and nothing.
    kept: [Buffer; 2],
    average: Buffer,
}

/// How an optimizer moves parameters in one step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Adam(AdamStep),
    Nesterov(NesterovStep),
}

/// What one step does to parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Update {
    pub(crate) step: Step,
    /// How much of the average is kept, if there is one.
    pub(crate) keep_of_average: Option<f32>,
}

/// All parameters of a network and of its optimizer as the rest of the program has them: tensor after tensor.
#[derive(Debug)]
pub(crate) struct Tensors<'a> {
    pub(crate) values: &'a mut [f32],
    /// Empty without an average.
    pub(crate) average: &'a mut [f32],
    /// What the optimizer keeps, of the parameters that it changes.
    pub(crate) kept: [&'a mut [f32]; 2],
}

impl Learnt {
    pub(super) fn new(length: usize, learns: bool, averages: bool) -> Self {
        let zeros = |wanted: bool| Buffer::zeros(if wanted { length } else { 0 });
        Self { values: zeros(true), kept: [learns, learns].map(zeros), average: zeros(learns && averages) }
    }

    /// Pairs each copy that is kept here with the tensors of `op` in the whole.
    pub(super) fn beside<'a>(
        &'a mut self,
        whole: &'a mut Tensors<'_>,
        op: Op,
    ) -> impl Iterator<Item = (&'a mut [f32], &'a mut [f32])> {
        let ([own_first, own_second], [first, second]) = (&mut self.kept, &mut whole.kept);
        let pairs = [
            (&mut self.values, &mut *whole.values, op.values),
            (&mut self.average, &mut *whole.average, op.values),
            (own_first, &mut **first, op.trainable),
            (own_second, &mut **second, op.trainable),
        ];
        let kept = pairs.into_iter().filter(|(own, whole, _)| !own.is_empty() && !whole.is_empty());
        kept.map(|(own, whole, start)| (&mut **own, &mut whole[start..]))
    }

    /// Takes a step against `gradient`, which is that of the parameters in `at`.
    pub(super) fn update(&mut self, at: Range<usize>, gradient: &[f32], update: Update) {
        let values = &mut self.values[at.clone()];
        let [first, second] = self.kept.each_mut().map(|kept| &mut kept[at.clone()]);
        match (update.step, update.keep_of_average) {
            (Step::Adam(step), None) => adam_step(step, values, gradient, first, second),
            (Step::Adam(step), Some(keep)) => {
                averaged_adam_step(step, values, gradient, [first, second], keep, &mut self.average[at]);
            }
            (Step::Nesterov(step), keep) => {
                nesterov_step(step, values, gradient, first);
                if let Some(keep) = keep {
                    average(keep, values, &mut self.average[at]);
                }
            }
        }
    }
}

impl Part {
    /// Makes the share of number `part` of a `split` of all linear layers; all zeros. `sparse_batch` is the most rows of a batch
    /// that come without their zeros.
    pub(super) fn new(
        plan: &Plan,
        split: &[Vec<Range<usize>>],
        part: usize,
        sparse_batch: Option<usize>,
        averages: bool,
    ) -> Self {
        let (mut first, mut linears, mut vectors) = (None, Vec::new(), Vec::new());
        for &op in &plan.ops {
            let (length, offsets) = match op.kind {
                Kind::Linear { inputs, outputs } => {
                    let share = split[op.linears_before][part].clone();
                    if let Some(batch) = sparse_batch.filter(|_| op.linears_before == 0) {
                        first = Some(FirstPart::new(op, [inputs, outputs], share, batch, averages));
                        continue;
                    }
                    linears.push(LinearPart::new(plan, op, [inputs, outputs], share, averages));
                    (outputs, vec![inputs * outputs])
                }
                Kind::BatchNorm { features, .. } => (features, vec![0, features]),
                Kind::Activation(_) | Kind::Dropout { .. } => continue,
            };
            let parts = split.first().map_or(1, Vec::len);
            for (vector, offset) in offsets.into_iter().enumerate().filter(|_| op.number % parts == part) {
                let learnt = Learnt::new(stride(length), op.learns, averages);
                vectors.push(VectorPart { of: (op.number, vector), op, offset, length, learnt });
            }
        }
        let widest = plan.widths.iter().skip(1).max().copied().unwrap_or(0);
        Self { first, linears, vectors, gradient: Buffer::zeros(LANES * stride(widest)) }
    }

    /// Returns the share of a linear layer.
    pub(super) fn linear(&self, op: Op) -> &LinearPart {
        &self.linears[op.linears_before - usize::from(self.first.is_some())]
    }

    /// Takes this part's share out of the whole.
    pub(super) fn load(&mut self, whole: &mut Tensors<'_>) {
        if let Some(first) = &mut self.first {
            first.load(whole);
        }
        for linear in &mut self.linears {
            let LinearPart { op, shape: [inputs, outputs], inputs: range, weights, .. } = linear;
            for (own, whole) in weights.beside(whole, *op).filter(|_| range.start < range.end) {
                transpose(&whole[range.start..], *outputs, range.len(), *inputs, own, stride(*outputs));
            }
            linear.turn();
        }
        for VectorPart { op, offset, length, learnt, .. } in &mut self.vectors {
            for (own, whole) in learnt.beside(whole, *op) {
                own[..*length].copy_from_slice(&whole[*offset..][..*length]);
            }
        }
    }

    /// Puts this part's share back into the whole.
    pub(super) fn store(&mut self, whole: &mut Tensors<'_>) {
        if let Some(first) = &mut self.first {
            first.store(whole);
        }
        for linear in &mut self.linears {
            let LinearPart { op, shape: [inputs, outputs], inputs: range, weights, .. } = linear;
            for (own, whole) in weights.beside(whole, *op).filter(|_| range.start < range.end) {
                transpose(own, range.len(), *outputs, stride(*outputs), &mut whole[range.start..], *inputs);
            }
        }
        for VectorPart { op, offset, length, learnt, .. } in &mut self.vectors {
            for (own, whole) in learnt.beside(whole, *op) {
                whole[*offset..][..*length].copy_from_slice(&own[..*length]);
            }
        }
    }

    /// Gathers the gradients that the workers' rows give, and takes a step against them.
    pub(super) fn update(&mut self, workers: &[Worker], norms: &[Norm], update: Update) {
        let Self { first, linears, vectors, gradient } = self;
        if let Some(first) = first.as_mut().filter(|first| first.learns()) {
            first.update(workers, gradient, update);
        }
        for linear in linears.iter_mut().filter(|linear| linear.op.learns) {
            linear.update(workers, gradient, update);
        }
        for vector in vectors.iter_mut().filter(|vector| vector.op.learns) {
            let gradient = &mut gradient[..vector.learnt.values.len()];
            vector.gather_gradient(workers, norms, gradient);
            vector.learnt.update(0..gradient.len(), gradient, update);
        }
    }
}

impl LinearPart {
    fn new(plan: &Plan, op: Op, shape: [usize; 2], inputs: Range<usize>, averages: bool) -> Self {
        let outputs = shape[1];
        let by_output = if plan.passes_gradient(op.number) { outputs * stride(inputs.len()) } else { 0 };
        let weights = Learnt::new(inputs.len() * stride(outputs), op.learns, averages);
        Self { op, shape, inputs, weights, by_output: Buffer::zeros(by_output) }
    }

    /// Writes the weights by output, too.
    fn turn(&mut self) {
        for first in (0..self.inputs.len()).step_by(LANES) {
            self.turn_some(first..self.inputs.len().min(first + LANES));
        }
    }

    fn turn_some(&mut self, inputs: Range<usize>) {
        let ([_, outputs], to) = (self.shape, stride(self.inputs.len()));
        if !self.by_output.is_empty() {
            let (from, stride) = (&self.weights.values[inputs.start * stride(outputs)..], stride(outputs));
            transpose(from, inputs.len(), outputs, stride, &mut self.by_output[inputs.start..], to);
        }
    }

    /// Gathers the gradients that the workers' rows give, and takes a step against them: a few inputs at a time, so that all that
    /// belongs to them is at hand.
    fn update(&mut self, workers: &[Worker], gradient: &mut [f32], update: Update) {
        let stride = stride(self.shape[1]);
        for first in (0..self.inputs.len()).step_by(LANES) {
            let inputs = first..self.inputs.len().min(first + LANES);
            let gradient = &mut gradient[..inputs.len() * stride];
            gradient.fill(0.0);
            for worker in workers.iter().filter(|worker| worker.count() > 0) {
                self.add_gradient(worker, &inputs, gradient);
            }
            self.weights.update(inputs.start * stride..inputs.end * stride, gradient, update);
            self.turn_some(inputs);
        }
    }

    /// Adds the gradients that a worker's rows give to the weights of some inputs.
    fn add_gradient(&self, worker: &Worker, inputs: &Range<usize>, gradient: &mut [f32]) {
        let (op, [all_inputs, outputs]) = (self.op, self.shape);
        let to = stride(outputs);
        let values = &worker.values[op.input][self.inputs.start + inputs.start..];
        let left = Left::transposed(values, inputs.len(), worker.count(), stride(all_inputs));
        let deltas = Rows { values: &*worker.deltas[op.output], stride: to };
        add_product(left, deltas, to, Rows { values: gradient, stride: to });
    }
}

impl VectorPart {
    fn gather_gradient(&self, workers: &[Worker], norms: &[Norm], gradient: &mut [f32]) {
        if let Some(norm) = norms.iter().find(|norm| norm.op.number == self.op.number) {
            return gradient.copy_from_slice(if self.of.1 == 0 { &norm.of_scale } else { &norm.of_shift });
        }
        gradient.fill(0.0);
        for worker in workers {
            let rows = worker.count() * gradient.len();
            add_rows(&worker.deltas[self.op.output][..rows], gradient);
        }
    }
}
