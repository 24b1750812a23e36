//! A step against the gradients of a batch.

use ch11_kernels::{BLOCK, LANES, Left, Onto, Rows, Strided, add_product, add_rows, transpose};

use super::parameter_shard::{INPUTS, LinearShard, ParameterShard};
use super::parameters::Update;
use super::plan::stride;
use super::rows::Pixels;
use super::stage_shard::StageShard;

impl ParameterShard {
    /// Takes a step against the gradients of a batch's rows; `stages` are all members' shares of each stage, of which
    /// this is number `index`.
    pub(super) fn update(
        &mut self,
        index: usize,
        (stages, pixels): (&[Vec<StageShard>], Option<Pixels<'_>>),
        rows: usize,
        update: Update,
    ) {
        let Self { linears, vectors, gradient, block } = self;
        for (stage, linear) in (1..).zip(linears).filter(|(_, linear)| linear.op.learns && !linear.outputs.is_empty()) {
            linear.update_biases(&stages[stage][index], gradient, rows, update);
            match pixels.filter(|_| stage == 1) {
                Some(pixels) => linear.update_sparse(pixels, &stages[stage][index], block, update),
                None => linear.update(&stages[stage - 1], &stages[stage][index], gradient, rows, update),
            }
        }
        for vector in vectors.iter_mut().filter(|vector| vector.op.learns) {
            let Some(norm) = stages[vector.stage][index].norm(vector.op) else { continue };
            let gradient = if vector.number == 0 { &norm.of_scale } else { &norm.of_shift };
            let all = 0..vector.parameters.values.len();
            vector.parameters.update(all.clone(), Strided::all(all.len()), &gradient[all], update);
        }
    }
}

impl LinearShard {
    fn update_biases(&mut self, own: &StageShard, gradient: &mut [f32], rows: usize, update: Update) {
        let gradient = &mut gradient[..own.stride];
        gradient.fill(0.0);
        add_rows(&own.deltas[0][..rows * own.stride], gradient);
        let from = self.outputs.start - own.features.start;
        let all = 0..self.biases.values.len();
        self.biases.update(all.clone(), Strided::all(all.len()), &gradient[from..][all], update);
    }

    /// Takes a step against the gradients of a batch's rows: a few inputs at a time.
    fn update(&mut self, before: &[StageShard], own: &StageShard, gradient: &mut [f32], rows: usize, update: Update) {
        let (count, width) = (self.columns(), stride(self.outputs.len()));
        let deltas = &own.deltas[0][self.outputs.start - own.features.start..];
        for source in before {
            for first in source.features.clone().step_by(INPUTS) {
                let inputs = first..source.features.end.min(first + INPUTS);
                let values = &source.output()[first - source.features.start..];
                let values = Rows { values, stride: source.stride };
                let gradient = &mut gradient[..inputs.len() * width];
                self.gradient(values, inputs.len(), Rows { values: deltas, stride: own.stride }, rows, gradient);
                let columns = Strided { columns: count, stride: width };
                self.weights.update(inputs.start * width..inputs.end * width, columns, gradient, update);
                self.transpose_some(inputs);
            }
        }
    }

    /// Computes the gradient of some inputs' weights, the transpose of those inputs' `values` times `deltas`.
    fn gradient(
        &mut self,
        values: Rows<&[f32]>,
        inputs: usize,
        deltas: Rows<&[f32]>,
        rows: usize,
        gradient: &mut [f32],
    ) {
        let (outputs, width) = (self.outputs.len(), stride(self.outputs.len()));
        let gradient = Rows { values: gradient, stride: width };
        if outputs >= LANES {
            let left = Left::transposed(values.values, inputs, rows, values.stride);
            return add_product(left, deltas, outputs, Onto::Zero, gradient);
        }
        // Few outputs fill no vector, but the inputs do.
        let left = Left::transposed(deltas.values, outputs, rows, deltas.stride);
        add_product(left, values, inputs, Onto::Zero, Rows { values: &mut self.by_few_outputs, stride: INPUTS });
        transpose(Rows { values: &self.by_few_outputs, stride: INPUTS }, width, inputs, gradient);
    }

    /// Takes a step against the gradients of a batch's rows, whose zeros are left out.
    fn update_sparse(&mut self, pixels: Pixels<'_>, own: &StageShard, gradient: &mut [f32], update: Update) {
        let (count, width) = (self.outputs.len(), stride(self.outputs.len()));
        for (block, first) in (0..self.inputs).step_by(BLOCK).enumerate() {
            let deltas = Rows { values: &own.deltas[0][self.outputs.start - own.features.start..], stride: own.stride };
            pixels.transposed_product(block, deltas, count, Rows { values: &mut *gradient, stride: width });
            let at = first * width..self.inputs.min(first + BLOCK) * width;
            let gradient = &gradient[..at.len()];
            self.weights.update(at, Strided { columns: count, stride: width }, gradient, update);
        }
    }
}
