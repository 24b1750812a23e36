//! The layer that is not there.

use dfdx::prelude::*;

use super::Architecture;

/// Gives what it takes: it stands in the place of a layer that a network of the same shape has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity;

impl ZeroSizedModule for Identity {}
impl NonMutableModule for Identity {}

impl Architecture for Identity {
    fn architecture(&self) -> String {
        String::new()
    }
}

impl<S: Shape, T> Module<Tensor<S, f32, Cpu, T>> for Identity {
    type Output = Tensor<S, f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        Ok(x)
    }
}
