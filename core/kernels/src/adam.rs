//! One step of Adam (Kingma and Ba, [2015](https://arxiv.org/abs/1412.6980), algorithm 1) in one pass.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

/// The numbers of one step of Adam.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// The step size, alpha.
    pub learning_rate: f32,
    /// How much of the mean of the gradients is kept.
    pub beta1: f32,
    /// How much of the mean of their squares is kept.
    pub beta2: f32,
    /// What keeps the step finite where all gradients were 0.
    pub epsilon: f32,
    /// What each weight adds of itself to its gradient.
    pub l2: f32,
    /// `1 / (1 - beta1^t)` and `1 / (1 - beta2^t)`: they undo the moments' start from zero.
    pub corrections: [f32; 2],
}

/// Moves `weights` by one step against `gradients` and updates both moments: all slices have the same length.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn adam_step(step: AdamStep, weights: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
    let moments = first.iter_mut().zip(second);
    for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(moments) {
        move_weight(step, weight, *gradient, first, second);
    }
}

/// The same step, and a moving average of the weights after it, of which `keep` is kept.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn averaged_adam_step(
    step: AdamStep,
    weights: &mut [f32],
    gradients: &[f32],
    [first, second]: [&mut [f32]; 2],
    keep: f32,
    averages: &mut [f32],
) {
    let moments = first.iter_mut().zip(second);
    for (((weight, average), gradient), (first, second)) in weights.iter_mut().zip(averages).zip(gradients).zip(moments)
    {
        move_weight(step, weight, *gradient, first, second);
        *average = keep * *average + (1.0 - keep) * *weight;
    }
}

/// With the gradient `g`, `m = beta1 m + (1 - beta1) g` and `v = beta2 v + (1 - beta2) g^2`; the weight falls by
/// `learning_rate * m' / (sqrt(v') + epsilon)`, where `m'` and `v'` are corrected for their start from zero.
#[inline(always)]
fn move_weight(step: AdamStep, weight: &mut f32, gradient: f32, first: &mut f32, second: &mut f32) {
    let AdamStep { learning_rate, beta1, beta2, epsilon, l2, corrections: [correct_first, correct_second] } = step;
    let gradient = gradient + l2 * *weight;
    *first = beta1 * *first + (1.0 - beta1) * gradient;
    *second = beta2 * *second + (1.0 - beta2) * (gradient * gradient);
    *weight -= learning_rate * (*first * correct_first) / ((*second * correct_second).sqrt() + epsilon);
}
