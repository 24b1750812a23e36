//! Training: batches, Adam, early stopping, and a state that can be saved after any epoch.

mod adam;
mod cache;
mod fit;
pub(crate) mod folder;
mod history;
mod run_folder;
mod saved;
mod trainer;

pub use adam::Adam;
pub use cache::cache;
pub use fit::{Ending, Fitted, Observer, Unattended, fit};
pub use history::{Epoch, History};
pub use run_folder::{Opened, RunFolder};
pub use saved::{Checkpoint, Identity, ResumeState};
pub use trainer::{Best, Trainer, TrainingState};

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

/// How a network is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Adam's step size.
    pub learning_rate: f32,
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
