//! The values of tensors, and their gradients, as slices.

use dfdx::prelude::*;

/// Copies a tensor's values out, in order: dfdx lends no slice of them.
pub(crate) fn values<S: Shape, T>(tensor: &Tensor<S, f32, Cpu, T>) -> Vec<f32> {
    let mut values = vec![0.0; tensor.shape().num_elements()];
    tensor.copy_into(&mut values);
    values
}

/// Adds `gradient` to the gradient gathered so far: a tensor that is used twice gets a gradient from each use.
pub(super) fn accumulate(gathered: &mut [f32], gradient: &[f32]) {
    for (sum, value) in gathered.iter_mut().zip(gradient) {
        *sum += value;
    }
}
