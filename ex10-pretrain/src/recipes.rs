//! How the parts train. All of it was chosen on validation images and pairs; see the README of this crate.

use std::num::NonZeroUsize;

use ch11_core::train::Recipe;

/// The most epochs of a network on pairs with `--quick`.
pub const QUICK_PAIRS_EPOCHS: NonZeroUsize = NonZeroUsize::new(8).unwrap();
/// The most epochs of a classifier with `--quick`.
pub const QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(20).unwrap();

/// A network on pairs.
pub const PAIRS: Recipe = Recipe {
    batch_size: NonZeroUsize::new(100).unwrap(),
    l2: 0.0001,
    epochs: NonZeroUsize::new(80).unwrap(),
    patience: NonZeroUsize::new(15).unwrap(),
    ..Recipe::DEEP_NET
};

/// A new output layer on A's frozen hidden layers.
pub const OUTPUT_LAYER: Recipe = Recipe {
    learning_rate: 0.003,
    batch_size: NonZeroUsize::new(50).unwrap(),
    ema_decay: Some(0.999),
    l2: 0.001,
    epochs: NonZeroUsize::new(200).unwrap(),
    patience: NonZeroUsize::new(30).unwrap(),
    ..Recipe::DEEP_NET
};

/// All layers. A higher rate would make them forget what the pairs have taught them.
pub const FINE_TUNE: Recipe = Recipe { learning_rate: 3e-5, l2: 0.0, ..OUTPUT_LAYER };

/// The same network from scratch.
pub const SCRATCH: Recipe = Recipe { learning_rate: 0.001, l2: 0.0, ..OUTPUT_LAYER };
