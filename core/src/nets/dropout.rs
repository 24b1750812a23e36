//! Dropout.

use ch11_kernels::dropout_factors;
use dfdx::prelude::*;
use dfdx::tensor::RandomU64;

use super::values::{accumulate, values};
use super::{Constant, GradientTape};

/// In training, sets each value to 0 with probability `rate` and divides the others by `1 - rate`, which keeps their
/// mean; any shape. In inference, returns its input unchanged.
///
/// From [Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting](https://jmlr.org/papers/v15/srivastava14a.html), in the inverted form, which scales in training. The
/// device of the batch draws which values are dropped, so its seed decides.
///
/// Training and inference are types, as in dfdx: a batch with a tape can only go through [`ModuleMut`].
///
/// # Example
/// ```
/// use ch11_core::nets::Dropout;
/// use dfdx::prelude::*;
///
/// let dev = Cpu::seed_from_u64(42);
/// let mut dropout = Dropout { rate: 0.5 };
/// let x: Tensor<Rank1<100>, f32, _> = dev.ones();
/// assert_eq!(dropout.forward(x.clone()).array(), [1.0; 100]);
///
/// let dropped = dropout.forward_mut(x.leaky_trace()).array();
/// assert!(dropped.iter().all(|&value| value == 0.0 || value == 2.0));
/// ```
///
/// Inference records no gradients, so a batch with a tape does not compile there:
/// ```compile_fail
/// use ch11_core::nets::Dropout;
/// use dfdx::prelude::*;
///
/// let dev = Cpu::seed_from_u64(42);
/// let dropout = Dropout { rate: 0.5 };
/// let x: Tensor<Rank1<100>, f32, _> = dev.ones();
/// dropout.forward(x.leaky_trace());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// The probability that a value is dropped, from 0 to below 1. With 0, training changes nothing, either.
    pub rate: f32,
}

/// Drops half of the values, as in the paper's hidden layers.
impl Default for Dropout {
    fn default() -> Self {
        Self { rate: 0.5 }
    }
}

impl ZeroSizedModule for Dropout {}

impl<S: Shape> Module<Tensor<S, f32, Cpu>> for Dropout {
    type Output = Tensor<S, f32, Cpu>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<S, f32, Cpu>) -> Result<Self::Output, CpuError> {
        Ok(x)
    }
}

impl<S: Shape> ModuleMut<Tensor<S, f32, Cpu, GradientTape>> for Dropout {
    type Output = Tensor<S, f32, Cpu, GradientTape>;
    type Error = CpuError;

    fn try_forward_mut(&mut self, x: Tensor<S, f32, Cpu, GradientTape>) -> Result<Self::Output, CpuError> {
        if self.rate == 0.0 {
            return Ok(x);
        }
        let (x, mut tape) = x.split_tape();
        let factors = self.factors(&x);
        let y = scaled(&x, &factors)?;
        let (x, output) = (x.ghost(), y.ghost());
        tape.add_backward_op(move |gradients| {
            let mut gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
            multiply(&mut gradient, &factors);
            accumulate(gradients.get_or_alloc_mut(&x)?, &gradient);
            Ok(())
        });
        Ok(y.put_tape(tape))
    }
}

/// A batch without a gradient stays one.
impl<S: Shape> ModuleMut<Constant<Tensor<S, f32, Cpu, GradientTape>>> for Dropout {
    type Output = Constant<Tensor<S, f32, Cpu, GradientTape>>;
    type Error = CpuError;

    fn try_forward_mut(
        &mut self,
        Constant(x): Constant<Tensor<S, f32, Cpu, GradientTape>>,
    ) -> Result<Self::Output, CpuError> {
        if self.rate == 0.0 {
            return Ok(Constant(x));
        }
        let (x, tape) = x.split_tape();
        Ok(Constant(scaled(&x, &self.factors(&x))?.put_tape(tape)))
    }
}

impl Dropout {
    /// Draws the factors of the values of `x`.
    fn factors<S: Shape>(&self, x: &Tensor<S, f32, Cpu>) -> Vec<f32> {
        dropout_factors(self.rate, x.device().random_u64(), x.shape().num_elements())
    }
}

fn scaled<S: Shape>(x: &Tensor<S, f32, Cpu>, factors: &[f32]) -> Result<Tensor<S, f32, Cpu>, CpuError> {
    let mut kept = values(x);
    multiply(&mut kept, factors);
    x.device().try_tensor_from_vec(kept, *x.shape())
}

fn multiply(values: &mut [f32], factors: &[f32]) {
    for (value, factor) in values.iter_mut().zip(factors) {
        *value *= factor;
    }
}
