//! The exponential linear unit as a layer.

use dfdx::prelude::*;

use crate::kernels;

/// The exponential linear unit with alpha = 1: `z` above 0, `exp(z) - 1` below; any shape.
///
/// From [Fast and Accurate Deep Network Learning by Exponential Linear Units](https://arxiv.org/abs/1511.07289). dfdx has
/// none, so this is also an example of an operation with its own backward pass, written outside of dfdx.
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
        let (z, mut tape) = z.split_tape();
        let mut outputs = super::values(&z);
        kernels::elu(&mut outputs);
        let y = z.device().try_tensor_from_vec(outputs, *z.shape())?;

        let (z, output) = (z.ghost(), y.clone());
        tape.add_backward_op(move |gradients| {
            let mut gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
            kernels::elu_backward(&super::values(&output), &mut gradient);
            super::accumulate(gradients.get_or_alloc_mut(&z)?, &gradient);
            Ok(())
        });
        Ok(y.put_tape(tape))
    }
}
