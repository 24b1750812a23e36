//! How the parts train. Learning rates, L2 and stopping were chosen on the validation images; see the README of this crate.

use std::num::NonZeroUsize;

use ch11_core::train::{Algorithm, Decay};
use ch11_harness::cli::TrainingDefaults;

/// A new output layer on frozen layers.
pub const HEAD: TrainingDefaults = TrainingDefaults {
    algorithm: Algorithm::Adam,
    learning_rate: 0.003,
    decay: Decay::None,
    batch_size: NonZeroUsize::new(20).unwrap(),
    averaging: Some(0.99),
    l2: 0.01,
    epochs: NonZeroUsize::new(1000).unwrap(),
    quick_epochs: NonZeroUsize::new(20).unwrap(),
    patience: NonZeroUsize::new(40).unwrap(),
};

/// The same on the layers of part f, whose features need less regularisation.
pub const HEAD_TO_TRANSFER: TrainingDefaults = TrainingDefaults { l2: 0.001, ..HEAD };

/// Hidden layers that learn again.
pub const UNFROZEN: TrainingDefaults = TrainingDefaults { l2: 0.003, ..HEAD };

/// All layers, which would forget at a higher rate what they were taught.
pub const UNFROZEN_ALL: TrainingDefaults = TrainingDefaults { learning_rate: 0.001, ..UNFROZEN };
