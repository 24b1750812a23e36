//! Activation functions as layers.

use std::fmt;
use std::str::FromStr;

use ch11_kernels as kernels;
use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::values::{accumulate, values};

/// The exponential linear unit with alpha = 1: `z` above 0, `exp(z) - 1` below; any shape.
///
/// From [Fast and Accurate Deep Network Learning by Exponential Linear Units](https://arxiv.org/abs/1511.07289). dfdx
/// has none, so this is also an example of an operation with its own backward pass, written outside of dfdx.
///
/// # Example
/// ```
/// use ch11_core::nets::Elu;
/// use dfdx::prelude::*;
///
/// let dev = Cpu::default();
/// let z: Tensor<Rank1<3>, f32, _> = dev.tensor([-1.0, 0.0, 2.0]);
/// assert_eq!(Elu.forward(z).array(), [(-1.0_f32).exp() - 1.0, 0.0, 2.0]);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Elu;

impl ZeroSizedModule for Elu {}
impl NonMutableModule for Elu {}

impl<S: Shape, T: Tape<f32, Cpu>> Module<Tensor<S, f32, Cpu, T>> for Elu {
    type Output = Tensor<S, f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, z: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        elementwise(z, kernels::elu, kernels::elu_backward)
    }
}

/// An activation function that is chosen at run time, for instance by a search; any shape.
///
/// # Example
/// ```
/// use ch11_core::nets::Activation;
/// use dfdx::prelude::*;
///
/// let leaky: Activation = "leaky ReLU 0.1".parse()?;
/// let dev = Cpu::default();
/// let z: Tensor<Rank1<2>, f32, _> = dev.tensor([-1.0, 2.0]);
/// assert_eq!(leaky.forward(z).array(), [-0.1, 2.0]);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Activation {
    /// [`Elu`].
    #[default]
    Elu,
    /// The rectified linear unit: `z` above 0, 0 below.
    Relu,
    /// The logistic function, `1 / (1 + exp(-z))`.
    Logistic,
    /// The leaky rectified linear unit: `z` above 0, `slope * z` below.
    LeakyRelu {
        /// The slope below 0.
        slope: f32,
    },
}

impl ZeroSizedModule for Activation {}
impl NonMutableModule for Activation {}

impl<S: Shape, T: Tape<f32, Cpu>> Module<Tensor<S, f32, Cpu, T>> for Activation {
    type Output = Tensor<S, f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, z: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        let slope = match *self {
            Self::Elu => return Elu.try_forward(z),
            Self::Logistic => return elementwise(z, kernels::logistic_of_each, kernels::logistic_backward),
            Self::Relu => 0.0,
            Self::LeakyRelu { slope } => slope,
        };
        elementwise(
            z,
            move |values| kernels::leaky_relu(slope, values),
            move |outputs, gradient| kernels::leaky_relu_backward(slope, outputs, gradient),
        )
    }
}

/// Applies a function to every value; its backward pass multiplies a gradient by the derivative, computed from the
/// outputs.
fn elementwise<S: Shape, T: Tape<f32, Cpu>>(
    z: Tensor<S, f32, Cpu, T>,
    forward: impl FnOnce(&mut [f32]),
    backward: impl FnOnce(&[f32], &mut [f32]) + 'static,
) -> Result<Tensor<S, f32, Cpu, T>, CpuError> {
    let (z, mut tape) = z.split_tape();
    let mut outputs = values(&z);
    forward(&mut outputs);
    let y = z.device().try_tensor_from_vec(outputs, *z.shape())?;

    let (z, output) = (z.ghost(), y.clone());
    tape.add_backward_op(move |gradients| {
        let mut gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
        backward(&values(&output), &mut gradient);
        accumulate(gradients.get_or_alloc_mut(&z)?, &gradient);
        Ok(())
    });
    Ok(y.put_tape(tape))
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elu => f.write_str("ELU"),
            Self::Relu => f.write_str("ReLU"),
            Self::Logistic => f.write_str("logistic"),
            Self::LeakyRelu { slope } => write!(f, "leaky ReLU {slope}"),
        }
    }
}

impl FromStr for Activation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_lowercase();
        match (lower.as_str(), lower.strip_prefix("leaky relu ").map(str::parse::<f32>)) {
            ("elu", _) => Ok(Self::Elu),
            ("relu", _) => Ok(Self::Relu),
            ("logistic", _) => Ok(Self::Logistic),
            (_, Some(Ok(slope))) if slope > 0.0 && slope < 1.0 => Ok(Self::LeakyRelu { slope }),
            _ => Err(format!(
                "`{text}`, expected `ELU`, `ReLU`, `logistic`, or `leaky ReLU` and a slope between 0 and 1"
            )),
        }
    }
}

impl TryFrom<String> for Activation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Activation> for String {
    fn from(activation: Activation) -> Self {
        activation.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let leaky = Activation::LeakyRelu { slope: 0.01 };
        for activation in [Activation::Elu, Activation::Relu, Activation::Logistic, leaky] {
            assert_eq!(activation.to_string().parse(), Ok(activation));
        }
        for wrong in ["tanh", "leaky ReLU", "leaky ReLU 1", "leaky ReLU NaN", "leaky ReLU -0.1", ""] {
            assert!(wrong.parse::<Activation>().is_err(), "{wrong}");
        }
    }
}
