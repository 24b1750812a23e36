//! Moving a network's weights against their gradients.

use std::ops::Range;

use dfdx::prelude::*;

use crate::nets::AnyNetwork;

/// Calls `step` for each trainable tensor of a network, with the range of its parameters among all that are trainable,
/// its values, which `step` may change, and its gradient, which is 0 if there is none.
///
/// # Errors
/// If there is not enough memory for a gradient.
pub fn update_parameters(
    network: &mut dyn AnyNetwork,
    gradients: &mut Gradients<f32, Cpu>,
    mut step: impl FnMut(Range<usize>, &mut [f32], &[f32]),
) -> Result<(), CpuError> {
    let mut start = 0;
    let mut updated = Ok(());
    network.visit_tensors(&mut |_, trainable, tensor| {
        if !trainable || updated.is_err() {
            return;
        }
        let mut weights = tensor.values();
        let at = start..start + weights.len();
        start = at.end;
        updated = tensor.gradient(gradients).map(|gradient| step(at, &mut weights, gradient));
        tensor.set_values(&weights);
    });
    updated
}
