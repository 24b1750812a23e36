//! Training: tasks, optimizers, early stopping, and a state that can be saved after any epoch.

mod adam;
mod cache;
mod epoch;
mod fit;
mod fused_epoch;
mod history;
mod nesterov;
mod optimizer;
mod run_folder;
mod saved;
mod state;
mod task;

pub use adam::Adam;
pub use cache::cache;
pub use epoch::train_epoch;
pub use fit::{Ending, Fitted, Observer, Unattended, fit, fit_part, fit_task};
pub use history::{Epoch, History};
pub use nesterov::Nesterov;
pub use optimizer::{Algorithm, Optimizer, update_parameters};
pub use run_folder::{FINAL, HeldFolder, Opened, RunFolder, seed_folder};
pub use saved::{Checkpoint, Identity, ResumeState, describe};
pub use state::{Best, TrainingState};
pub use task::{Classification, Task};

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a network is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How gradients move the weights.
    pub algorithm: Algorithm,
    /// The optimizer's step size, in the first epoch.
    pub learning_rate: f32,
    /// What becomes of the step size later.
    pub decay: Decay,
    /// Instances in a batch; an epoch's last batch may have fewer.
    pub batch_size: NonZeroUsize,
    /// Decay of the exponential moving average of the weights that is evaluated and kept in the place of the last weights.
    pub averaging: Option<f32>,
    /// L2 regularisation: this times the weight is added to each weight's gradient.
    pub l2: f32,
    /// The most epochs to train for.
    pub epochs: NonZeroUsize,
    /// Epochs without a lower validation loss after which training stops.
    pub patience: NonZeroUsize,
    /// Seed of the order in which instances are drawn.
    pub seed: u64,
}

/// How the learning rate changes from epoch to epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decay {
    /// It stays as it is.
    #[default]
    None,
    /// It falls by the same amount after every epoch, and would be 0 after the last one that the settings allow.
    Linear,
}

impl Decay {
    /// What they are called on a command line.
    pub const NAMES: [&str; 2] = ["none", "linear"];
}

impl fmt::Display for Decay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Linear => "linear",
        })
    }
}

impl FromStr for Decay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::None, Self::Linear];
        known.into_iter().find(|it| it.to_string() == text).ok_or_else(|| "`none` or `linear` is needed".to_owned())
    }
}

impl Settings {
    /// Returns the step size of the epoch after `epochs` others.
    pub fn learning_rate_after(&self, epochs: usize) -> f32 {
        match self.decay {
            Decay::None => self.learning_rate,
            Decay::Linear => self.learning_rate * (1.0 - epochs as f32 / self.epochs.get() as f32),
        }
    }
}
