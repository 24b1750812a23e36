//! How a network is trained.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Decay, History, Schedule};

/// The momentum that the reference notebook takes in exercise 10 (ageron/handson-ml, `11_deep_learning.ipynb`).
const USUAL_MOMENTUM: f32 = 0.95;

/// How a network is trained, whatever the seed.
///
/// # Example
/// ```
/// use ch11_core::train::Recipe;
///
/// let recipe = Recipe { learning_rate: 0.003, l2: 0.01, ..Recipe::DEEP_NET };
/// assert_eq!(recipe.seeded(42).seed, 42);
/// ```
// Checkpoints and searches depend on the order of the fields and on their serialised names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// How gradients move the weights.
    pub algorithm: Algorithm,
    /// The optimizer's step size, in the first epoch.
    pub learning_rate: f32,
    /// How the step size changes from epoch to epoch.
    #[serde(rename = "decay")]
    pub schedule: Schedule,
    /// Instances in a batch; an epoch's last batch may have fewer.
    pub batch_size: NonZeroUsize,
    /// Decay of the exponential moving average of the weights that is evaluated and kept instead of the last weights;
    /// none keeps the last weights.
    #[serde(rename = "averaging")]
    pub ema_decay: Option<Decay>,
    /// L2 regularisation: this times the parameter is added to the gradient of each, biases and batch normalisation's
    /// scale and shift among them.
    ///
    /// The sum goes through the optimizer. Adam divides it by the root of its second moment, so that parameters of large
    /// gradients shrink less; [decoupled weight decay](https://arxiv.org/abs/1711.05101), which shrinks all alike, is
    /// another method, and is not done here.
    pub l2: f32,
    /// The most epochs to train for.
    pub epochs: NonZeroUsize,
    /// Epochs without a lower validation loss after which training stops.
    pub patience: NonZeroUsize,
}

/// How one fit is trained: a recipe, and the seed of the order in which instances are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The recipe.
    pub recipe: Recipe,
    /// The seed.
    pub seed: u64,
}

/// How gradients move the weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Algorithm {
    /// [`Adam`](super::Adam).
    #[default]
    Adam,
    /// [`Nesterov`](super::Nesterov).
    Nesterov {
        /// The fraction of the velocity that is kept in each step.
        momentum: f32,
    },
}

impl Recipe {
    /// A recipe for [`DeepNet`](crate::nets::DeepNet) on tens of thousands of digits; batch size and averaging were
    /// chosen by validation loss.
    pub const DEEP_NET: Self = Self {
        algorithm: Algorithm::Adam,
        learning_rate: 0.001,
        schedule: Schedule::Constant,
        batch_size: NonZeroUsize::new(50).unwrap(),
        ema_decay: Decay::new(0.9995),
        l2: 0.0,
        epochs: NonZeroUsize::new(1000).unwrap(),
        patience: NonZeroUsize::new(20).unwrap(),
    };

    /// A recipe for the same network on digits that are distorted anew in every epoch: the learning rate falls to 0, and it
    /// is the last epoch that ends the fit.
    pub const AUGMENTED: Self = Self {
        schedule: Schedule::Cosine,
        epochs: NonZeroUsize::new(250).unwrap(),
        patience: NonZeroUsize::new(1000).unwrap(),
        ..Self::DEEP_NET
    };

    /// Returns the settings of a fit with this seed.
    pub const fn seeded(self, seed: u64) -> Settings {
        Settings { recipe: self, seed }
    }

    /// Returns the step size of the epoch that comes after those of a history.
    pub fn learning_rate_after(&self, history: &History) -> f32 {
        self.learning_rate * self.schedule.factor(history, self.epochs.get())
    }
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
    /// The names of the algorithms on a command line.
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
