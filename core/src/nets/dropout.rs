//! Dropout.

use ch11_kernels::dropout_factors;
use dfdx::prelude::*;
use dfdx::tensor::RandomU64;

use super::{Architecture, Constant, GradientTape, Linear, values};

/// In training, sets each value to 0 with probability `rate` and divides the others by `1 - rate`, so that their mean stays;
/// any shape. In inference, nothing: what comes in goes out, bit for bit.
///
/// From [Dropout: A Simple Way to Prevent Neural Networks from Overfitting](https://jmlr.org/papers/v15/srivastava14a.html),
/// in the inverted form, which scales in training. Which values are dropped is drawn from the device of the batch: one of another
/// seed drops others.
///
/// Training and inference are types, as with dfdx's own: a batch with a tape goes through [`ModuleMut`] alone.
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
    /// The probability of each value to be dropped, from 0 to below 1. With 0, training changes nothing, either.
    pub rate: f32,
}

/// Half of the values, as in the paper's hidden layers.
impl Default for Dropout {
    fn default() -> Self {
        Self { rate: 0.5 }
    }
}

impl Architecture for Dropout {
    fn architecture(&self) -> String {
        if self.rate > 0.0 { format!("dropout {}", self.rate) } else { String::new() }
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
            super::accumulate(gradients.get_or_alloc_mut(&x)?, &gradient);
            Ok(())
        });
        Ok(y.put_tape(tape))
    }
}

/// What no gradient flows into stays so.
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
    /// Draws what each value of `x` is multiplied by.
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

/// A hidden layer that drops some of what comes in: `(n, I) -> (n, O)`.
pub type DropoutHidden<const I: usize, const O: usize> = (Dropout, Linear<I, O>, super::Elu);
