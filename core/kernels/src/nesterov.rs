//! One step of gradient descent with Nesterov's momentum in one pass.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

/// The numbers of one step.
#[derive(Debug, Clone, Copy)]
pub struct NesterovStep {
    /// The step size.
    pub learning_rate: f32,
    /// How much of the velocity is kept.
    pub momentum: f32,
    /// What each weight adds of itself to its gradient.
    pub l2: f32,
}

/// Moves `weights` by one step against `gradients` and updates their velocities: all slices have the same length.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn nesterov_step(step: NesterovStep, weights: &mut [f32], gradients: &[f32], velocities: &mut [f32]) {
    let NesterovStep { learning_rate, momentum, l2 } = step;
    for ((weight, gradient), velocity) in weights.iter_mut().zip(gradients).zip(velocities) {
        let gradient = gradient + l2 * *weight;
        *velocity = momentum * *velocity + gradient;
        *weight -= learning_rate * (gradient + momentum * *velocity);
    }
}
