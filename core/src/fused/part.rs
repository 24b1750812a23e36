//! A thread's share of the parameters.

use std::ops::Range;

use super::norm::Norm;
use super::plan::{Kind, Op, Plan, share, stride};
use super::sparse::Columns;
use super::worker::Worker;
use crate::kernels::{
    AdamStep, Buffer, LANES, Left, NesterovStep, Rows, adam_step, add_product, add_rows, add_sparse_row, average,
    averaged_adam_step, nesterov_step, transpose,
};

/// A thread's share of the parameters, with all that an optimizer keeps of them: of each linear layer the weights of some of its
/// inputs, and some of the vectors (biases, scales, shifts) whole.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) linears: Vec<LinearPart>,
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
    /// Of each worker, if zeros are left out.
    columns: Vec<Columns>,
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
    fn new(length: usize, learns: bool, averages: bool) -> Self {
        let zeros = |wanted: bool| Buffer::zeros(if wanted { length } else { 0 });
        Self { values: zeros(true), kept: [learns, learns].map(zeros), average: zeros(learns && averages) }
    }

    /// Pairs each copy that is kept here with the tensors of `op` in the whole.
    fn beside<'a>(
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
    fn update(&mut self, at: Range<usize>, gradient: &[f32], update: Update) {
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
    /// Makes the share of number `part`, of as many as there are workers; all zeros.
    pub(super) fn new(plan: &Plan, workers: &[Worker], part: usize, averages: bool) -> Self {
        let parts = workers.len();
        let (mut linears, mut vectors) = (Vec::new(), Vec::new());
        for &op in &plan.ops {
            let (length, offsets) = match op.kind {
                Kind::Linear { inputs, outputs } => {
                    linears.push(LinearPart::new(plan, op, [inputs, outputs], workers, part, averages));
                    (outputs, vec![inputs * outputs])
                }
                Kind::BatchNorm { features, .. } => (features, vec![0, features]),
                Kind::Activation(_) | Kind::Dropout { .. } => continue,
            };
            for (vector, offset) in offsets.into_iter().enumerate().filter(|_| op.number % parts == part) {
                let learnt = Learnt::new(stride(length), op.learns, averages);
                vectors.push(VectorPart { of: (op.number, vector), op, offset, length, learnt });
            }
        }
        let widest = plan.widths.iter().skip(1).max().copied().unwrap_or(0);
        Self { linears, vectors, gradient: Buffer::zeros(LANES * stride(widest)) }
    }

    /// Takes this part's share out of the whole.
    pub(super) fn load(&mut self, whole: &mut Tensors<'_>) {
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
        let Self { linears, vectors, gradient } = self;
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
    fn new(plan: &Plan, op: Op, shape: [usize; 2], workers: &[Worker], part: usize, averages: bool) -> Self {
        let [inputs, outputs] = shape;
        let inputs = share(inputs, workers.len(), part, op.linears_before);
        let columns = |worker: &Worker| match worker.sparse_input(op) {
            Some(sparse) => Columns::with_capacity(sparse.most_rows() * inputs.len()),
            None => Columns::default(),
        };
        let by_output = if plan.passes_gradient(op.number) { outputs * stride(inputs.len()) } else { 0 };
        let weights = Learnt::new(inputs.len() * stride(outputs), op.learns, averages);
        let columns = workers.iter().map(columns).collect();
        Self { op, shape, inputs, weights, by_output: Buffer::zeros(by_output), columns }
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
        for (worker, columns) in workers.iter().zip(&mut self.columns) {
            if let Some(sparse) = worker.sparse_input(self.op) {
                columns.take(sparse, &self.inputs);
            }
        }
        for first in (0..self.inputs.len()).step_by(LANES) {
            let inputs = first..self.inputs.len().min(first + LANES);
            let gradient = &mut gradient[..inputs.len() * stride];
            gradient.fill(0.0);
            for (worker, columns) in workers.iter().zip(&self.columns) {
                self.add_gradient(worker, columns, &inputs, gradient);
            }
            self.weights.update(inputs.start * stride..inputs.end * stride, gradient, update);
            self.turn_some(inputs);
        }
    }

    /// Adds the gradients that a worker's rows give to the weights of some inputs.
    fn add_gradient(&self, worker: &Worker, columns: &Columns, inputs: &Range<usize>, gradient: &mut [f32]) {
        let (op, [all_inputs, outputs]) = (self.op, self.shape);
        let to = stride(outputs);
        let deltas = || Rows { values: &*worker.deltas[op.output], stride: to };
        if worker.sparse_input(op).is_some() {
            for (column, gradient) in inputs.clone().zip(gradient.chunks_exact_mut(to)) {
                let (values, rows) = columns.column(column);
                add_sparse_row(values, rows, 0, deltas(), gradient);
            }
        } else if worker.count() > 0 {
            let values = &worker.values[op.input][self.inputs.start + inputs.start..];
            let left = Left::transposed(values, inputs.len(), worker.count(), stride(all_inputs));
            add_product(left, deltas(), to, Rows { values: gradient, stride: to });
        }
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
