//! The state of the Adam optimizer.

use ch11_kernels::AdamStep;
use serde::{Deserialize, Serialize};

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// [Adam](https://arxiv.org/abs/1412.6980) with the constants of its paper: betas 0.9 and 0.999, epsilon 1e-8.
///
/// dfdx's own keeps its moments and its step count private, so a fit could not be resumed exactly; this one can be
/// serialised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    pub(super) learning_rate: f32,
    l2: f32,
    pub(super) steps: i32,
    pub(super) first_moments: Vec<f32>,
    pub(super) second_moments: Vec<f32>,
}

impl Adam {
    /// Makes the initial state for `parameters` trainable parameters: both moments of each are 0.
    pub(super) fn new(parameters: usize, learning_rate: f32, l2: f32) -> Self {
        let moments = vec![0.0; parameters];
        Self { learning_rate, l2, steps: 0, first_moments: moments.clone(), second_moments: moments }
    }

    /// Counts a step, and returns the numbers that it takes.
    pub(super) fn next_step(&mut self) -> AdamStep {
        self.steps = self.steps.saturating_add(1);
        AdamStep {
            learning_rate: self.learning_rate,
            beta1: BETA1,
            beta2: BETA2,
            epsilon: EPSILON,
            l2: self.l2,
            corrections: [BETA1, BETA2].map(|beta| (1.0 - beta.powi(self.steps)).recip()),
        }
    }
}
