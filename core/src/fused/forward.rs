//! The forward pass of a thread's share of a stage.

use ch11_kernels::{Left, Onto, Rows, add_product, elu, leaky_relu, logistic_of_each};

use super::plan::{Kind, Op, Stage, stride};
use super::rows::Batch;
use super::stage_shard::{Shared, StageShard, contains, drop_out, pair, vector};
use crate::nets::Activation;

impl StageShard {
    /// Takes its features of a batch out of their source, and goes forward through the operations on the input.
    pub(super) fn take(&mut self, member: usize, batch: Batch<'_>, shared: Shared<'_>) {
        let rows = self.activations[0].chunks_exact_mut(self.stride);
        for (&row, to) in batch.rows.iter().zip(rows) {
            batch.source.copy_features(row, self.features.clone(), to);
        }
        self.forward_elementwise(&shared.plan.stages[0], member, shared);
    }

    /// Goes forward through a stage, whose linear layer reads the outputs of the `before` one.
    pub(super) fn forward(&mut self, stage: &Stage, member: usize, before: &[Self], shared: Shared<'_>) {
        let pixels = shared.pixels.filter(|_| stage.number == 1);
        pixels.iter().for_each(|pixels| pixels.prefetch());
        for parameters in shared.parameters {
            let linear = parameters.linear(stage);
            if linear.outputs.is_empty() || !contains(&self.features, &linear.outputs) {
                continue;
            }
            let (rows, columns, width) = (shared.rows(), linear.columns(), stride(linear.outputs.len()));
            let to = &mut self.activations[0][linear.outputs.start - self.features.start..];
            let mut onto = Onto::Row(linear.biases());
            if let Some(pixels) = pixels {
                let right = Rows { values: linear.weights(), stride: width };
                pixels.add_product(right, columns, onto, Rows { values: to, stride: self.stride });
                continue;
            }
            for source in before.iter().filter(|source| !source.features.is_empty()) {
                let left = Left::plain(source.output(), rows, source.features.len(), source.stride);
                let right = Rows { values: &linear.weights()[source.features.start * width..], stride: width };
                add_product(left, right, columns, onto, Rows { values: &mut *to, stride: self.stride });
                onto = Onto::Product;
            }
        }
        self.forward_elementwise(stage, member, shared);
    }

    /// Goes forward through the operations that treat each feature by itself.
    fn forward_elementwise(&mut self, stage: &Stage, member: usize, shared: Shared<'_>) {
        if self.features.is_empty() {
            return;
        }
        let length = shared.rows() * self.stride;
        for &op in &stage.ops {
            match op.kind {
                Kind::Linear { .. } => {}
                Kind::BatchNorm { .. } => self.normalise(op, member, shared),
                Kind::Activation(activation) => {
                    let values = &mut self.activations[op.output][..length];
                    match activation {
                        Activation::Elu => elu(values),
                        Activation::Relu => leaky_relu(0.0, values),
                        Activation::Logistic => logistic_of_each(values),
                        Activation::LeakyRelu { slope } => leaky_relu(slope, values),
                    }
                }
                Kind::Dropout { .. } => {
                    let (from, to) = pair(&mut self.activations, op);
                    drop_out(from, to, self.stride, &self.features, (op, stage.width), shared.inputs);
                }
            }
        }
    }

    fn normalise(&mut self, op: Op, member: usize, shared: Shared<'_>) {
        let length = shared.rows() * self.stride;
        let Some(norm) = self.norms.iter_mut().find(|norm| norm.op.number == op.number) else { return };
        let (from, to) = pair(&mut self.activations, op);
        let vectors = [0, 1].map(|number| vector(shared.parameters, member, op, number));
        norm.forward(&from[..length], &mut to[..length], vectors);
    }
}
