//! The Adam optimizer, with a state that can be saved.

use ch11_kernels::{AdamStep, adam_step};
use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::update_parameters;
use crate::nets::{AnyNetwork, trainable_parameters};

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
    steps: i32,
    first_moments: Vec<f32>,
    second_moments: Vec<f32>,
}

impl Adam {
    /// Makes an optimizer for a network: both moments of each trainable parameter start from 0.
    ///
    /// `l2` times the parameter is added to each gradient: the gradient of `l2 / 2` times the sum of the squared
    /// parameters.
    pub fn new(network: &dyn AnyNetwork, learning_rate: f32, l2: f32) -> Self {
        let parameters = trainable_parameters(network);
        Self {
            learning_rate,
            l2,
            steps: 0,
            first_moments: vec![0.0; parameters],
            second_moments: vec![0.0; parameters],
        }
    }

    /// Returns the number of steps taken.
    pub fn steps(&self) -> i32 {
        self.steps
    }

    /// Returns whether this state belongs to a network with `parameters` trainable parameters.
    pub fn fits(&self, parameters: usize) -> bool {
        self.first_moments.len() == parameters && self.second_moments.len() == parameters
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

    /// Returns the first and second moments of all trainable parameters.
    pub(super) fn moments(&mut self) -> [&mut [f32]; 2] {
        [&mut self.first_moments, &mut self.second_moments]
    }

    /// Moves every trainable parameter of the network by one step against its gradient. A missing gradient counts as 0.
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
        let (first, second) = (&mut self.first_moments, &mut self.second_moments);
        update_parameters(network, gradients, |at, weights, gradients| {
            adam_step(step, weights, gradients, &mut first[at.clone()], &mut second[at]);
        })
    }
}
