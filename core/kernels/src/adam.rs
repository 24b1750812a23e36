//! One step of Adam in one pass: [Kingma and Ba, 2015](https://arxiv.org/abs/1412.6980), algorithm 1.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

use super::Strided;

/// The numbers of one step of Adam.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// The step size: alpha in the paper.
    pub learning_rate: f32,
    /// The decay rate of the first moment, the moving average of the gradients.
    pub beta1: f32,
    /// The decay rate of the second moment, the moving average of their squares.
    pub beta2: f32,
    /// Keeps the step finite where all gradients were 0.
    pub epsilon: f32,
    /// L2 regularisation: this times the weight is added to each gradient.
    pub l2: f32,
    /// `1 / (1 - beta1^t)` and `1 / (1 - beta2^t)` in step `t`: they correct the moments for their start from 0.
    pub corrections: [f32; 2],
}

/// Moves `weights` by one step against `gradients` and updates both moments. All slices have the same length.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn adam_step(
    step: AdamStep,
    at: Strided,
    weights: &mut [f32],
    gradients: &[f32],
    [first, second]: [&mut [f32]; 2],
) {
    at.for_each([weights, first, second], gradients, |[weight, first, second], gradient| {
        move_weight(step, weight, gradient, first, second);
    });
}

/// Takes the same step, and then moves the exponential moving average of the weights, whose decay is `decay`.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn averaged_adam_step(
    step: AdamStep,
    at: Strided,
    weights: &mut [f32],
    gradients: &[f32],
    [first, second]: [&mut [f32]; 2],
    decay: f32,
    averages: &mut [f32],
) {
    at.for_each([weights, first, second, averages], gradients, |[weight, first, second, average], gradient| {
        move_weight(step, weight, gradient, first, second);
        *average = decay * *average + (1.0 - decay) * *weight;
    });
}

/// Moves one weight: the loop's body in algorithm 1, with a weight `w`, its gradient `g` and the moments `m` and `v`.
#[inline(always)]
fn move_weight(step: AdamStep, weight: &mut f32, gradient: f32, first: &mut f32, second: &mut f32) {
    let AdamStep { learning_rate, beta1, beta2, epsilon, l2, corrections: [correct_first, correct_second] } = step;
    let gradient = gradient + l2 * *weight; // g = g + l2 w
    *first = beta1 * *first + (1.0 - beta1) * gradient; // m = beta1 m + (1 - beta1) g
    *second = beta2 * *second + (1.0 - beta2) * (gradient * gradient); // v = beta2 v + (1 - beta2) g^2
    let first_hat = *first * correct_first; // m' = m / (1 - beta1^t)
    let second_hat = *second * correct_second; // v' = v / (1 - beta2^t)
    *weight -= learning_rate * first_hat / (second_hat.sqrt() + epsilon); // w = w - alpha m' / (sqrt(v') + epsilon)
}
