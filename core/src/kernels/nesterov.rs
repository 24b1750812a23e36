//! One step of gradient descent with Nesterov's momentum in one pass.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

/// The numbers of one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NesterovStep {
    pub(crate) learning_rate: f32,
    pub(crate) momentum: f32,
    /// What each weight adds of itself to its gradient.
    pub(crate) l2: f32,
}

/// Moves `weights` by one step against `gradients` and updates their velocities: all slices have the same length.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn nesterov_step(step: NesterovStep, weights: &mut [f32], gradients: &[f32], velocities: &mut [f32]) {
    let NesterovStep { learning_rate, momentum, l2 } = step;
    for ((weight, gradient), velocity) in weights.iter_mut().zip(gradients).zip(velocities) {
        let gradient = gradient + l2 * *weight;
        *velocity = momentum * *velocity + gradient;
        *weight -= learning_rate * (gradient + momentum * *velocity);
    }
}
