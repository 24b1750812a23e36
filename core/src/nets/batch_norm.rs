//! Batch normalisation.

use ch11_kernels::{column_gradients, column_statistics, normalise, normalise_backward};
use dfdx::nn::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::prelude::*;

use super::values::{accumulate, values};
use super::{Elu, GradientTape, Linear};

/// TensorFlow's default is 0.99, for longer training.
const MOMENTUM: f32 = 0.95;
/// Prevents a division by 0 where a feature never changes; TensorFlow's default.
pub const EPSILON: f32 = 1e-3;

/// Batch normalisation of `N` features: `(n, N) -> (n, N)`.
///
/// In training, each feature gets mean 0 and variance 1 over the batch, and then a learnt scale and shift:
/// `y = scale (x - mean) / sqrt(variance + epsilon) + shift`
/// ([Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167), algorithm 1). Running statistics follow those of the
/// batches; inference uses the running statistics.
///
/// Training and inference are types, as in dfdx: a batch with a tape can only go through [`ModuleMut`]. A batch of one
/// row has no variance, so it is normalised by the running statistics.
#[derive(Debug, Clone)]
pub struct BatchNorm<const N: usize, E: Dtype = f32, D: Storage<E> = Cpu> {
    /// The factor of each normalised feature, `(N)`.
    pub scale: Tensor<Rank1<N>, E, D>,
    /// The number then added to each feature, `(N)`.
    pub shift: Tensor<Rank1<N>, E, D>,
    /// The mean of each feature over recent batches, `(N)`.
    pub running_mean: Tensor<Rank1<N>, E, D>,
    /// The variance of each feature over recent batches, `(N)`, unbiased: over n - 1.
    pub running_variance: Tensor<Rank1<N>, E, D>,
    /// The fraction of the running statistics that is kept in each step, as in TensorFlow; 0.95 by default.
    pub momentum: f32,
}

impl<const N: usize> TensorCollection<f32, Cpu> for BatchNorm<N> {
    type To<E2: Dtype, D2: Device<E2>> = BatchNorm<N, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, f32, Cpu>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor("scale", |s| &s.scale, |s| &mut s.scale, TensorOptions::reset_to_ones()),
                Self::tensor("shift", |s| &s.shift, |s| &mut s.shift, TensorOptions::reset_to_zeros()),
                Self::tensor(
                    "running_mean",
                    |s| &s.running_mean,
                    |s| &mut s.running_mean,
                    TensorOptions::detached(zeros),
                ),
                Self::tensor(
                    "running_variance",
                    |s| &s.running_variance,
                    |s| &mut s.running_variance,
                    TensorOptions::detached(ones),
                ),
            ),
            |(scale, shift, running_mean, running_variance)| BatchNorm {
                scale,
                shift,
                running_mean,
                running_variance,
                momentum: MOMENTUM,
            },
        )
    }
}

fn zeros<S: Shape>(tensor: &mut Tensor<S, f32, Cpu>) -> Result<(), CpuError> {
    tensor.try_fill_with_zeros()
}

fn ones<S: Shape>(tensor: &mut Tensor<S, f32, Cpu>) -> Result<(), CpuError> {
    tensor.try_fill_with_ones()
}

impl<B: Dim, const N: usize> Module<Tensor<(B, Const<N>), f32, Cpu>> for BatchNorm<N> {
    type Output = Tensor<(B, Const<N>), f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<(B, Const<N>), f32, Cpu>) -> Result<Self::Output, CpuError> {
        let (_, outputs) = self.apply(&values(&x), &array(&self.running_mean), &array(&self.running_variance));
        x.device().try_tensor_from_vec(outputs, *x.shape())
    }
}

impl<B: Dim, const N: usize> ModuleMut<Tensor<(B, Const<N>), f32, Cpu, GradientTape>> for BatchNorm<N> {
    type Output = Tensor<(B, Const<N>), f32, Cpu, GradientTape>;
    type Error = CpuError;

    fn try_forward_mut(&mut self, x: Tensor<(B, Const<N>), f32, Cpu, GradientTape>) -> Result<Self::Output, CpuError> {
        let (x, mut tape) = x.split_tape();
        let n = x.shape().0.size();
        let own_statistics = n > 1;
        let rows = values(&x);
        let (mut mean, mut variance) = (array(&self.running_mean), array(&self.running_variance));
        if own_statistics {
            column_statistics(&rows, &mut mean, &mut variance);
            self.follow(&mean, &variance, n as f32);
        }
        let (normalised, outputs) = self.apply(&rows, &mean, &variance);
        let y = x.device().try_tensor_from_vec(outputs, *x.shape())?;

        let (x, output) = (x.ghost(), y.ghost());
        let (scale, inverse_deviation) = (array(&self.scale), inverse_deviations(&variance));
        let (scale_ghost, shift_ghost) = (self.scale.ghost(), self.shift.ghost());
        tape.add_backward_op(move |gradients| {
            let gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
            let (mut of_scale, mut of_shift) = ([0.0; N], [0.0; N]);
            column_gradients(&gradient, &normalised, &mut of_scale, &mut of_shift);
            // Statistics other than the batch's own do not depend on its rows, and pass no gradient on to them.
            let share = if own_statistics { 1.0 / n as f32 } else { 0.0 };
            let mut of_inputs = vec![0.0; gradient.len()];
            let factors: [&[f32]; 2] = [&scale, &inverse_deviation];
            normalise_backward(&gradient, &normalised, &mut of_inputs, [&of_scale, &of_shift], factors, share);
            accumulate(gradients.get_or_alloc_mut(&scale_ghost)?, &of_scale);
            accumulate(gradients.get_or_alloc_mut(&shift_ghost)?, &of_shift);
            accumulate(gradients.get_or_alloc_mut(&x)?, &of_inputs);
            Ok(())
        });
        Ok(y.put_tape(tape))
    }
}

impl<const N: usize> BatchNorm<N> {
    /// Normalises rows by these statistics, then scales and shifts them; returns what they are before and after that.
    fn apply(&self, rows: &[f32], mean: &[f32; N], variance: &[f32; N]) -> (Vec<f32>, Vec<f32>) {
        let (mut normalised, mut outputs) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
        let statistics: [&[f32]; 2] = [mean, &inverse_deviations(variance)];
        normalise(rows, &mut normalised, &mut outputs, statistics, [&array(&self.scale), &array(&self.shift)]);
        (normalised, outputs)
    }

    /// Moves the running statistics towards those of a batch of `n` rows.
    fn follow(&mut self, mean: &[f32; N], variance: &[f32; N], n: f32) {
        let momentum = self.momentum;
        let unbiased = variance.map(|variance| variance * n / (n - 1.0));
        for (running, batch) in [(&mut self.running_mean, mean), (&mut self.running_variance, &unbiased)] {
            let mut moved = array(running);
            for (running, batch) in moved.iter_mut().zip(batch) {
                *running = momentum * *running + (1.0 - momentum) * batch;
            }
            running.copy_from(&moved);
        }
    }
}

fn inverse_deviations<const N: usize>(variance: &[f32; N]) -> [f32; N] {
    variance.map(|variance| (variance + EPSILON).sqrt().recip())
}

fn array<const N: usize>(tensor: &Tensor<Rank1<N>, f32, Cpu>) -> [f32; N] {
    let mut array = [0.0; N];
    tensor.copy_into(&mut array);
    array
}

/// Turns a trained layer with batch normalisation into one without, whose inference gives the same outputs.
///
/// With its running statistics, batch normalisation scales and shifts each output, which the linear layer before it can
/// do, too.
pub fn fold<const I: usize, const O: usize>(
    (linear, norm, elu): (Linear<I, O>, BatchNorm<O>, Elu),
) -> (Linear<I, O>, Elu) {
    let Linear { mut weight, mut bias } = linear;
    let (mut weights, mut biases) = (values(&weight), values(&bias));
    let [scale, shift, mean, variance] =
        [&norm.scale, &norm.shift, &norm.running_mean, &norm.running_variance].map(array);
    for (output, (row, bias)) in weights.chunks_exact_mut(I).zip(&mut biases).enumerate() {
        let factor = scale[output] / (variance[output] + EPSILON).sqrt();
        row.iter_mut().for_each(|weight| *weight *= factor);
        *bias = (*bias - mean[output]) * factor + shift[output];
    }
    weight.copy_from(&weights);
    bias.copy_from(&biases);
    (Linear { weight, bias }, elu)
}
