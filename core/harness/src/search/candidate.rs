//! One choice of hyper-parameters.

use std::fmt;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use ch11_core::nets::Activation;
use ch11_core::train::{Decay, Recipe};

/// One choice of hyper-parameters of a deep network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Neurons in each hidden layer.
    pub width: usize,
    /// Instances in a batch.
    pub batch_size: NonZeroUsize,
    /// Adam's step size.
    pub learning_rate: f32,
    /// The activation function of the hidden layers.
    pub activation: Activation,
    /// Decay of the exponential moving average of the weights; 0 for no average.
    pub averaging: f32,
    /// Momentum of batch normalisation; `None` for a network without it.
    pub batch_norm_momentum: Option<f32>,
    /// Rate of dropout on the inputs of every layer; `None` for a network without it.
    pub dropout_rate: Option<f32>,
}

impl Candidate {
    /// Returns the recipe to train this candidate by: `base` with the candidate's values in it.
    #[must_use]
    pub fn recipe(&self, base: Recipe) -> Recipe {
        Recipe {
            learning_rate: self.learning_rate,
            batch_size: self.batch_size,
            ema_decay: Decay::new(self.averaging),
            ..base
        }
    }

    /// Returns its values as JSON, each number as it is written in a journal.
    pub fn to_json(&self) -> Value {
        // `json!` would widen its floats.
        serde_json::to_string(self).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// The names of the hyper-parameters, in the order of [`Candidate::values`].
    pub(super) const NAMES: [&str; 7] =
        ["width", "batch_size", "learning_rate", "activation", "averaging", "batch_norm_momentum", "dropout_rate"];

    /// Returns the value of each hyper-parameter as text, `-` for one that is left out.
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
