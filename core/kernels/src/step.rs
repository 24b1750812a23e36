//! One step of any optimizer.

use super::{AdamStep, NesterovStep, Strided, adam_step, average, averaged_adam_step, nesterov_step};

/// How an optimizer moves weights in one step. Its state is Adam's first and second moments, or Nesterov's velocities
/// and nothing.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// A step of Adam.
    Adam(AdamStep),
    /// A step of gradient descent with Nesterov's momentum.
    Nesterov(NesterovStep),
}

impl Step {
    /// Moves `weights` against `gradients` and updates the state.
    pub fn take(self, at: Strided, weights: &mut [f32], gradients: &[f32], state: [&mut [f32]; 2]) {
        match self {
            Self::Adam(step) => adam_step(step, at, weights, gradients, state),
            Self::Nesterov(step) => {
                let [velocities, _] = state;
                nesterov_step(step, at, weights, gradients, velocities);
            }
        }
    }

    /// Takes the same step, and then moves the exponential moving averages of the weights, whose decay is `decay`.
    pub fn take_averaged(
        self,
        at: Strided,
        weights: &mut [f32],
        gradients: &[f32],
        state: [&mut [f32]; 2],
        decay: f32,
        averages: &mut [f32],
    ) {
        match self {
            Self::Adam(step) => averaged_adam_step(step, at, weights, gradients, state, decay, averages),
            Self::Nesterov(_) => {
                self.take(at, weights, gradients, state);
                average(decay, weights, averages);
            }
        }
    }
}
