//! One step of gradient descent with Nesterov's momentum in one pass: [Sutskever and others,
//! 2013](https://proceedings.mlr.press/v28/sutskever13.html), in the form of TensorFlow and PyTorch.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

use super::Strided;

/// The numbers of one step.
#[derive(Debug, Clone, Copy)]
pub struct NesterovStep {
    /// The step size, alpha.
    pub learning_rate: f32,
    /// The fraction of the velocity that is kept, mu.
    pub momentum: f32,
    /// L2 regularisation: this times the weight is added to each gradient.
    pub l2: f32,
}

/// Moves `weights` by one step against `gradients` and updates their velocities. All slices have the same length.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn nesterov_step(step: NesterovStep, at: Strided, weights: &mut [f32], gradients: &[f32], velocities: &mut [f32]) {
    let NesterovStep { learning_rate, momentum, l2 } = step;
    at.for_each([weights, velocities], gradients, |[weight, velocity], gradient| {
        let gradient = gradient + l2 * *weight; // g = g + l2 w
        *velocity = momentum * *velocity + gradient; // v = mu v + g
        *weight -= learning_rate * (gradient + momentum * *velocity); // w = w - alpha (g + mu v)
    });
}
