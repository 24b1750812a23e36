//! The optimizer of a fit, and its state.

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Adam, Algorithm, Nesterov, Recipe};
use crate::fused::Step;
use crate::nets::AnyNetwork;

/// An optimizer with its state.
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
        let &Recipe { learning_rate, l2, .. } = recipe;
        match recipe.algorithm {
            Algorithm::Adam => Self::Adam(Adam::new(network, learning_rate, l2)),
            Algorithm::Nesterov { momentum } => Self::Nesterov(Nesterov::new(network, learning_rate, momentum, l2)),
        }
    }

    /// Returns the number of steps taken.
    pub fn steps(&self) -> i32 {
        match self {
            Self::Adam(adam) => adam.steps(),
            Self::Nesterov(nesterov) => nesterov.steps(),
        }
    }

    /// Changes the step size.
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        match self {
            Self::Adam(adam) => adam.learning_rate = learning_rate,
            Self::Nesterov(nesterov) => nesterov.learning_rate = learning_rate,
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
            Self::Adam(adam) => adam.moments(),
            Self::Nesterov(nesterov) => [nesterov.velocities(), &mut []],
        }
    }

    /// Returns whether this state belongs to a network with `parameters` trainable parameters, trained by this
    /// algorithm.
    pub fn fits(&self, parameters: usize, algorithm: Algorithm) -> bool {
        match (self, algorithm) {
            (Self::Adam(adam), Algorithm::Adam) => adam.fits(parameters),
            (Self::Nesterov(nesterov), Algorithm::Nesterov { .. }) => nesterov.fits(parameters),
            _ => false,
        }
    }

    /// Moves every trainable parameter of the network by one step.
    ///
    /// # Errors
    /// If there is not enough memory for a gradient.
    ///
    /// # Panics
    /// If the network is not of the type that the optimizer was made for.
    pub fn update(
        &mut self,
        network: &mut dyn AnyNetwork,
        gradients: &mut Gradients<f32, Cpu>,
    ) -> Result<(), CpuError> {
        match self {
            Self::Adam(adam) => adam.update(network, gradients),
            Self::Nesterov(nesterov) => nesterov.update(network, gradients),
        }
    }
}
