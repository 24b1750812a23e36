//! One choice of hyper-parameters.

use std::fmt;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use ch11_core::nets::Activation;
use ch11_core::train::Recipe;

/// One choice of hyper-parameters of a deep network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Neurons in each hidden layer.
    pub width: usize,
    /// Instances in a batch.
    pub batch_size: NonZeroUsize,
    /// Adam's step size.
    pub learning_rate: f32,
    /// What follows each hidden layer's matrix product.
    pub activation: Activation,
    /// Decay of the moving average of the weights that is kept; 0 keeps the last weights.
    pub averaging: f32,
    /// Momentum of batch normalisation; none leaves it out.
    pub batch_norm_momentum: Option<f32>,
    /// Rate of dropout on what comes into every layer; none leaves it out.
    pub dropout_rate: Option<f32>,
}

impl Candidate {
    /// Returns the recipe to train this candidate by; what the candidate does not say is taken from `base`.
    #[must_use]
    pub fn recipe(&self, base: Recipe) -> Recipe {
        Recipe {
            learning_rate: self.learning_rate,
            batch_size: self.batch_size,
            ema_decay: Some(self.averaging).filter(|&decay| decay > 0.0),
            ..base
        }
    }

    /// Returns the names of what a candidate says, in the order of [`Candidate::values`].
    pub(super) const NAMES: [&str; 7] =
        ["width", "batch_size", "learning_rate", "activation", "averaging", "batch_norm_momentum", "dropout_rate"];

    /// Writes what the candidate says, `-` where it leaves something out.
    pub(super) fn values(&self) -> [String; 7] {
        let optional = |value: Option<f32>| value.map_or("-".to_owned(), |value| value.to_string());
        [
            self.width.to_string(),
            self.batch_size.to_string(),
            self.learning_rate.to_string(),
            self.activation.to_string(),
            self.averaging.to_string(),
            optional(self.batch_norm_momentum),
            optional(self.dropout_rate),
        ]
    }
}

/// In one line: `width 160, batch 50, rate 0.001, ELU, averaging 0.999`.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, batch_size, learning_rate, activation, averaging, .. } = self;
        write!(f, "width {width}, batch {batch_size}, rate {learning_rate}, {activation}, averaging {averaging}")?;
        if let Some(momentum) = self.batch_norm_momentum {
            write!(f, ", batch norm {momentum}")?;
        }
        if let Some(rate) = self.dropout_rate {
            write!(f, ", dropout {rate}")?;
        }
        Ok(())
    }
}
