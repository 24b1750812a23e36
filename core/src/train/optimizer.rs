//! The optimizer of a fit, with its state.

use std::ops::Range;

use ch11_kernels::{Step, Strided};
use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Adam, Algorithm, Nesterov, Recipe};
use crate::nets::{AnyNetwork, trainable_parameters};

/// An optimizer with its state.
///
/// With L2 regularisation, `l2` times the parameter is added to each gradient: the gradient of `l2 / 2` times the sum
/// of the squared parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Optimizer {
    /// Adam.
    Adam(Adam),
    /// Gradient descent with Nesterov's momentum.
    Nesterov(Nesterov),
}

impl Optimizer {
    /// Makes the optimizer that a recipe asks for, in its initial state.
    pub fn new(recipe: &Recipe, network: &dyn AnyNetwork) -> Self {
        let (&Recipe { learning_rate, l2, .. }, parameters) = (recipe, trainable_parameters(network));
        match recipe.algorithm {
            Algorithm::Adam => Self::Adam(Adam::new(parameters, learning_rate, l2)),
            Algorithm::Nesterov { momentum } => Self::Nesterov(Nesterov::new(parameters, learning_rate, momentum, l2)),
        }
    }

    /// Returns the number of steps taken.
    pub fn steps(&self) -> i32 {
        match self {
            Self::Adam(adam) => adam.steps,
            Self::Nesterov(nesterov) => nesterov.steps,
        }
    }

    /// Changes the step size.
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        match self {
            Self::Adam(adam) => adam.learning_rate = learning_rate,
            Self::Nesterov(nesterov) => nesterov.learning_rate = learning_rate,
        }
    }

    /// Returns whether this state belongs to a network with `parameters` trainable parameters, trained by this
    /// algorithm.
    pub fn fits(&self, parameters: usize, algorithm: Algorithm) -> bool {
        match (self, algorithm) {
            (Self::Adam(adam), Algorithm::Adam) => {
                adam.first_moments.len() == parameters && adam.second_moments.len() == parameters
            }
            (Self::Nesterov(nesterov), Algorithm::Nesterov { .. }) => nesterov.velocities.len() == parameters,
            _ => false,
        }
    }

    /// Counts a step, and returns how it moves parameters.
    pub(super) fn next_step(&mut self) -> Step {
        match self {
            Self::Adam(adam) => Step::Adam(adam.next_step()),
            Self::Nesterov(nesterov) => Step::Nesterov(nesterov.next_step()),
        }
    }

    /// Returns the state of each trainable parameter: Adam's two moments, or Nesterov's velocities and nothing.
    pub(super) fn state(&mut self) -> [&mut [f32]; 2] {
        match self {
            Self::Adam(adam) => [&mut adam.first_moments, &mut adam.second_moments],
            Self::Nesterov(nesterov) => [&mut nesterov.velocities, &mut []],
        }
    }

    /// Moves every trainable parameter of the network by one step against its gradient. A missing gradient counts as 0.
    ///
    /// # Panics
    /// If the network has another number of trainable parameters than the one that the optimizer was made for.
    pub fn update(
        &mut self,
        network: &mut dyn AnyNetwork,
        gradients: &mut Gradients<f32, Cpu>,
    ) -> Result<(), CpuError> {
        let step = self.next_step();
        let [first, second] = self.state();
        assert_eq!(first.len(), trainable_parameters(network), "the optimizer is of another network");
        update_parameters(network, gradients, |at, weights, gradient| {
            let state = [&mut first[at.clone()], second.get_mut(at).unwrap_or_default()];
            step.take(Strided::all(gradient.len()), weights, gradient, state);
        })
    }
}

/// Calls `step` for each trainable tensor of a network, with the range of its parameters among all that are trainable,
/// its values, which `step` may change, and its gradient, which is 0 if there is none.
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
