//! Gradient descent with Nesterov's momentum, with a state that can be saved.

use ch11_kernels::{NesterovStep, nesterov_step};
use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::update_parameters;
use crate::nets::{AnyNetwork, trainable_parameters};

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
    steps: i32,
    velocities: Vec<f32>,
}

impl Nesterov {
    /// Makes an optimizer for a network: the velocity of each trainable parameter starts from 0.
    ///
    /// `l2` times the parameter is added to each gradient: the gradient of `l2 / 2` times the sum of the squared
    /// parameters.
    pub fn new(network: &dyn AnyNetwork, learning_rate: f32, momentum: f32, l2: f32) -> Self {
        Self { learning_rate, momentum, l2, steps: 0, velocities: vec![0.0; trainable_parameters(network)] }
    }

    /// Returns the number of steps taken.
    pub fn steps(&self) -> i32 {
        self.steps
    }

    /// Returns whether this state belongs to a network with `parameters` trainable parameters.
    pub fn fits(&self, parameters: usize) -> bool {
        self.velocities.len() == parameters
    }

    /// Counts a step, and returns the numbers that it takes.
    pub(super) fn next_step(&mut self) -> NesterovStep {
        self.steps = self.steps.saturating_add(1);
        NesterovStep { learning_rate: self.learning_rate, momentum: self.momentum, l2: self.l2 }
    }

    /// Returns the velocities of all trainable parameters.
    pub(super) fn velocities(&mut self) -> &mut [f32] {
        &mut self.velocities
    }

    /// Moves every trainable parameter of the network by one step. A missing gradient counts as 0.
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
        assert!(self.fits(trainable_parameters(network)), "the optimizer is of another network");
        let step = self.next_step();
        let velocities = &mut self.velocities;
        update_parameters(network, gradients, |at, weights, gradients| {
            nesterov_step(step, weights, gradients, &mut velocities[at]);
        })
    }
}
