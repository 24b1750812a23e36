//! A fully connected layer.

use ch11_kernels::{self as kernels, Left, Onto, Rows, add_product};
use dfdx::prelude::*;
use rand_distr::Normal;

use super::values::values;
use super::{Constant, GradientTape};

/// A fully connected layer, `x W^T + b`: `(n, I) -> (n, O)`.
///
/// Weights start from He initialisation, a normal distribution of variance `2 / I` that is not truncated, as in
/// [Delving Deep into Rectifiers](https://arxiv.org/abs/1502.01852); biases from 0. TensorFlow's `he_normal` draws again
/// what is more than two standard deviations from 0.
///
/// # Example
/// ```
/// use ch11_core::nets::{Batch, Linear, build};
/// use dfdx::prelude::*;
///
/// let layer: Linear<784, 100> = build(42);
/// let dev = Cpu::default();
/// let x: Batch<784> = dev.zeros_like(&(20, Const));
/// let _: Batch<100> = layer.forward(x);
/// ```
#[derive(Debug, Clone)]
pub struct Linear<const I: usize, const O: usize, E: Dtype = f32, D: Storage<E> = Cpu> {
    /// The weights, `(O, I)`, as in PyTorch.
    pub weight: Tensor<Rank2<O, I>, E, D>,
    /// The biases, `(O)`.
    pub bias: Tensor<Rank1<O>, E, D>,
}

impl<const I: usize, const O: usize> NonMutableModule for Linear<I, O> {}

impl<const I: usize, const O: usize> TensorCollection<f32, Cpu> for Linear<I, O> {
    type To<E2: Dtype, D2: Device<E2>> = Linear<I, O, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, f32, Cpu>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor("weight", |s| &s.weight, |s| &mut s.weight, TensorOptions::reset_with(he_initialisation)),
                Self::tensor("bias", |s| &s.bias, |s| &mut s.bias, TensorOptions::reset_to_zeros()),
            ),
            |(weight, bias)| Linear { weight, bias },
        )
    }
}

pub(super) fn he_initialisation<const I: usize, const O: usize>(
    weight: &mut Tensor<Rank2<O, I>, f32, Cpu>,
) -> Result<(), CpuError> {
    let standard_deviation = (2.0 / I as f32).sqrt();
    match Normal::new(0.0, standard_deviation) {
        Ok(normal) => weight.try_fill_with_distr(normal),
        Err(_) => unreachable!("2 / I is positive and finite"),
    }
}

impl<B: Dim, const I: usize, const O: usize, T: Tape<f32, Cpu>> Module<Tensor<(B, Const<I>), f32, Cpu, T>>
    for Linear<I, O>
{
    type Output = Tensor<(B, Const<O>), f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<(B, Const<I>), f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        let (x, tape) = x.split_tape();
        let input = x.ghost();
        self.record(x, tape, move |gradient, weights, gradients| {
            let gradient = Left::plain(gradient, gradient.len() / O, O, O);
            let values = gradients.get_or_alloc_mut(&input)?.as_mut_slice();
            add_product(gradient, Rows { values: weights, stride: I }, I, Onto::Product, Rows { values, stride: I });
            Ok(())
        })
    }
}

impl<B: Dim, const I: usize, const O: usize> Module<Constant<Tensor<(B, Const<I>), f32, Cpu, GradientTape>>>
    for Linear<I, O>
{
    type Output = Tensor<(B, Const<O>), f32, Cpu, GradientTape>;
    type Error = CpuError;

    fn try_forward(
        &self,
        Constant(x): Constant<Tensor<(B, Const<I>), f32, Cpu, GradientTape>>,
    ) -> Result<Self::Output, CpuError> {
        let (x, tape) = x.split_tape();
        self.record(x, tape, |_, _, _| Ok(()))
    }
}

impl<const I: usize, const O: usize> Linear<I, O> {
    /// Computes the outputs and records the backward pass: to the weights, to the biases, and what `input_backward`
    /// does besides.
    fn record<B: Dim, T: Tape<f32, Cpu>>(
        &self,
        x: Tensor<(B, Const<I>), f32, Cpu>,
        mut tape: T,
        input_backward: impl FnOnce(&[f32], &[f32], &mut Gradients<f32, Cpu>) -> Result<(), CpuError> + 'static,
    ) -> Result<Tensor<(B, Const<O>), f32, Cpu, T>, CpuError> {
        let (n, device) = (x.shape().0, x.device().clone());
        let (inputs, weights) = (values(&x), values(&self.weight));
        let mut outputs = values(&self.bias).repeat(n.size());
        kernels::add_linear(&inputs, &weights, &mut outputs, n.size());
        let y = device.try_tensor_from_vec(outputs, (n, Const))?;

        let (weight, bias, output) = (self.weight.ghost(), self.bias.ghost(), y.ghost());
        tape.add_backward_op(move |gradients| {
            let gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
            kernels::add_weight_gradient(&inputs, &gradient, gradients.get_or_alloc_mut(&weight)?, n.size());
            kernels::add_rows(&gradient, gradients.get_or_alloc_mut(&bias)?);
            input_backward(&gradient, &weights, gradients)
        });
        Ok(y.put_tape(tape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::build;

    #[test]
    fn starts_from_he_initialisation() {
        let layer: Linear<784, 100> = build(1);
        let weights = values(&layer.weight);
        let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / weights.len() as f64;
        let variance = weights.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / weights.len() as f64;
        // 78,400 samples: the mean's standard error is 0.00018, the variance's 0.5 %.
        assert!(mean.abs() < 0.001, "{mean}");
        assert!((variance / (2.0 / 784.0) - 1.0).abs() < 0.025, "{variance}");
        // A normal distribution has 31.7 % beyond one standard deviation; a uniform one would have 42.3 %.
        let beyond = weights.iter().filter(|&&w| f64::from(w).powi(2) > variance).count() as f64 / weights.len() as f64;
        assert!((beyond - 0.317).abs() < 0.01, "{beyond}");
        assert_eq!(values(&layer.bias), [0.0; 100]);
    }

    #[test]
    fn other_seeds_give_other_weights() {
        let [one, same, other] = [1, 1, 2].map(|seed| values(&build::<Linear<4, 3>>(seed).weight));
        assert_eq!(one, same);
        assert_ne!(one, other);
    }
}
