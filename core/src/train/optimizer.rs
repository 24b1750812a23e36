//! Which optimizer, and its state.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Adam, Nesterov, Recipe};
use crate::fused::Step;
use crate::nets::AnyNetwork;

/// The momentum that the reference notebook takes in exercise 10 (ageron/handson-ml, `11_deep_learning.ipynb`).
const USUAL_MOMENTUM: f32 = 0.95;

/// How gradients move the weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Algorithm {
    /// [`Adam`].
    #[default]
    Adam,
    /// [`Nesterov`].
    Nesterov {
        /// How much of the velocity is kept in each step.
        momentum: f32,
    },
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adam => f.write_str("adam"),
            Self::Nesterov { momentum } => write!(f, "nesterov {momentum}"),
        }
    }
}

impl Algorithm {
    /// What they are called on a command line.
    pub const NAMES: [&str; 2] = ["adam", "nesterov"];
}

impl FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "adam" => Ok(Self::Adam),
            "nesterov" => Ok(Self::Nesterov { momentum: USUAL_MOMENTUM }),
            _ => Err("`adam` or `nesterov` is needed".to_owned()),
        }
    }
}

/// An optimizer with all that it remembers from step to step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Optimizer {
    /// Adam.
    Adam(Adam),
    /// Gradient descent with Nesterov's momentum.
    Nesterov(Nesterov),
}

impl Recipe {
    /// Makes the optimizer that the recipe asks for.
    pub fn optimizer(&self, network: &dyn AnyNetwork) -> Optimizer {
        match self.algorithm {
            Algorithm::Adam => Optimizer::Adam(Adam::new(network, self.learning_rate, self.l2)),
            Algorithm::Nesterov { momentum } => {
                Optimizer::Nesterov(Nesterov::new(network, self.learning_rate, momentum, self.l2))
            }
        }
    }
}

impl Optimizer {
    /// Returns how many steps were taken.
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

    /// Returns what is kept of each trainable parameter: Adam's two moments, or Nesterov's velocities and nothing.
    pub(super) fn kept(&mut self) -> [&mut [f32]; 2] {
        match self {
            Self::Adam(adam) => adam.moments(),
            Self::Nesterov(nesterov) => [nesterov.velocities(), &mut []],
        }
    }

    /// Tells whether this state belongs to a network with so many trainable parameters, trained by this algorithm.
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

/// Lets `step` change the values of each trainable tensor of a network. It is given where the tensor's parameters lie among all
/// that are trainable, their values, and their gradients, which are 0 if there are none.
///
/// # Errors
/// If there is not enough memory for a gradient.
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
