//! The Adam optimizer, with a state that can be saved.

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernels::{AdamStep, adam_step};
use crate::nets::Parameters;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// [Adam](https://arxiv.org/abs/1412.6980) with the constants of its paper: betas 0.9 and 0.999, epsilon 1e-8.
///
/// dfdx's own keeps its moments and its step count to itself, so a run could not be resumed exactly; this one can be
/// serialised whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    learning_rate: f32,
    l2: f32,
    steps: i32,
    first_moments: Vec<f32>,
    second_moments: Vec<f32>,
}

impl Adam {
    /// Makes an optimizer for a network: both moments of each of its trainable parameters start from 0.
    ///
    /// `l2` times the parameter is added to each gradient, the gradient of `l2 / 2` times the sum of the parameters' squares.
    pub fn new<M: Parameters>(network: &M, learning_rate: f32, l2: f32) -> Self {
        let parameters = network.num_trainable_params();
        Self {
            learning_rate,
            l2,
            steps: 0,
            first_moments: vec![0.0; parameters],
            second_moments: vec![0.0; parameters],
        }
    }

    /// Returns how many steps were taken.
    pub fn steps(&self) -> i32 {
        self.steps
    }

    /// Tells whether this state belongs to a network with as many trainable parameters as this one.
    pub fn fits<M: Parameters>(&self, network: &M) -> bool {
        let parameters = network.num_trainable_params();
        self.first_moments.len() == parameters && self.second_moments.len() == parameters
    }

    /// Moves every trainable parameter of the network by one step against its gradient; one without a gradient counts as 0.
    ///
    /// # Errors
    /// If memory for a gradient is not to be had.
    ///
    /// # Panics
    /// If the network is not of the type that the optimizer was made for.
    pub fn update<M: Parameters>(
        &mut self,
        network: &mut M,
        gradients: &mut Gradients<f32, Cpu>,
    ) -> Result<(), CpuError> {
        self.steps = self.steps.saturating_add(1);
        let mut update = Update {
            step: AdamStep {
                learning_rate: self.learning_rate,
                beta1: BETA1,
                beta2: BETA2,
                epsilon: EPSILON,
                l2: self.l2,
                corrections: [BETA1, BETA2].map(|beta| (1.0 - beta.powi(self.steps)).recip()),
            },
            gradients,
            first: &mut self.first_moments,
            second: &mut self.second_moments,
            weights: Vec::new(),
        };
        M::iter_tensors(&mut RecursiveWalker { m: network, f: &mut update })?;
        Ok(())
    }
}

/// One step, on its way through the tensors of a network: `first` and `second` are the moments of those still to come.
struct Update<'a> {
    step: AdamStep,
    gradients: &'a mut Gradients<f32, Cpu>,
    first: &'a mut [f32],
    second: &'a mut [f32],
    weights: Vec<f32>,
}

impl TensorVisitor<f32, Cpu> for Update<'_> {
    type Viewer = ViewTensorMut;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        tensor: &mut Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        if !options.do_gradient_update {
            return Ok(None);
        }
        let parameters = tensor.shape().num_elements();
        let first = self.first.split_off_mut(..parameters);
        let second = self.second.split_off_mut(..parameters);
        // Both are empty if there were too few, and the next line says so.
        let (first, second) = (first.unwrap_or_default(), second.unwrap_or_default());
        assert_eq!(first.len(), parameters, "the optimizer is of another network");
        self.weights.resize(parameters, 0.0);
        tensor.copy_into(&mut self.weights);
        adam_step(self.step, &mut self.weights, self.gradients.get_or_alloc_mut(tensor)?, first, second);
        tensor.copy_from(&self.weights);
        Ok(None)
    }
}
