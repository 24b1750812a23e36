//! The state of gradient descent with Nesterov's momentum.

use ch11_kernels::NesterovStep;
use serde::{Deserialize, Serialize};

/// Gradient descent with Nesterov's momentum in the form that neural networks use
/// ([Sutskever and others, 2013](https://proceedings.mlr.press/v28/sutskever13.html)), as TensorFlow and PyTorch
/// compute it: `velocity = momentum velocity + gradient`, `weight -= rate (gradient + momentum velocity)`.
///
/// dfdx's own keeps its velocities private, so a fit could not be resumed exactly; this one can be serialised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nesterov {
    pub(super) learning_rate: f32,
    momentum: f32,
    l2: f32,
    pub(super) steps: i32,
    pub(super) velocities: Vec<f32>,
}

impl Nesterov {
    /// Makes the initial state for `parameters` trainable parameters: the velocity of each is 0.
    pub(super) fn new(parameters: usize, learning_rate: f32, momentum: f32, l2: f32) -> Self {
        Self { learning_rate, momentum, l2, steps: 0, velocities: vec![0.0; parameters] }
    }

    /// Counts a step, and returns the numbers that it takes.
    pub(super) fn next_step(&mut self) -> NesterovStep {
        self.steps = self.steps.saturating_add(1);
        NesterovStep { learning_rate: self.learning_rate, momentum: self.momentum, l2: self.l2 }
    }
}
