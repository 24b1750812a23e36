//! How the parts train. What was chosen how is in the README of this crate.

use std::num::NonZeroUsize;

use ch11_core::train::{Decay, Recipe};

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
    learning_rate: 0.01,
    batch_size: NonZeroUsize::new(50).unwrap(),
    ema_decay: Decay::new(0.999),
    l2: 0.03,
    epochs: NonZeroUsize::new(200).unwrap(),
    patience: NonZeroUsize::new(30).unwrap(),
    ..Recipe::DEEP_NET
};

/// All layers, at a low rate, so that they keep what the pairs have taught them.
pub const FINE_TUNE: Recipe = Recipe { learning_rate: 0.0003, l2: 0.0, ..OUTPUT_LAYER };

/// The same network from scratch.
pub const SCRATCH: Recipe = Recipe { learning_rate: 0.003, l2: 0.001, ..OUTPUT_LAYER };

/// The same network on all labels.
pub const ALL_LABELS: Recipe = Recipe {
    l2: 0.0003,
    epochs: NonZeroUsize::new(100).unwrap(),
    patience: NonZeroUsize::new(10).unwrap(),
    ..Recipe::DEEP_NET
};

/// 10f, a network on pairs whose images are distorted: the rate falls to 0, and it is the last epoch that ends the fit.
pub const PAIRS_AUGMENTED: Recipe = Recipe {
    batch_size: NonZeroUsize::new(100).unwrap(),
    epochs: NonZeroUsize::new(200).unwrap(),
    ..Recipe::AUGMENTED
};

/// 10f, a new output layer on A's frozen hidden layers.
pub const OUTPUT_LAYER_AUGMENTED: Recipe =
    Recipe { l2: 0.0, epochs: NonZeroUsize::new(50).unwrap(), ..LABELS_AUGMENTED };

/// 10f, the same network from scratch.
pub const SCRATCH_AUGMENTED: Recipe =
    Recipe { learning_rate: 0.002, epochs: NonZeroUsize::new(300).unwrap(), ..LABELS_AUGMENTED };

/// 10f, the same network on all labels.
pub const ALL_LABELS_AUGMENTED: Recipe = Recipe { epochs: NonZeroUsize::new(150).unwrap(), ..Recipe::AUGMENTED };

/// What those on few labels have in common.
const LABELS_AUGMENTED: Recipe = Recipe { ema_decay: Decay::new(0.999), ..Recipe::AUGMENTED };

/// How many of the pixels dropout drops for the network from scratch, while all layers are fine-tuned, and with all labels.
pub const SCRATCH_DROPOUT: f32 = 0.2;
pub const FINE_TUNE_DROPOUT: f32 = 0.2;
pub const ALL_LABELS_DROPOUT: f32 = 0.2;

/// The labels per digit that the recipes were chosen for.
const LABELS_PER_DIGIT: f32 = 450.0;

/// Adapts a recipe to fewer labels per digit.
///
/// L2 is a prior on the weights, as each image is evidence on them: beside the mean loss over fewer images, it counts for more. Patience
/// counts epochs, which fewer images make shorter. Both grow with the square root of how many times fewer there are, a choice that was not
/// tuned.
pub fn from_few_labels(recipe: Recipe, per_digit: usize) -> Recipe {
    let growth = (LABELS_PER_DIGIT / per_digit as f32).sqrt();
    let longer = |epochs: NonZeroUsize| NonZeroUsize::new((epochs.get() as f32 * growth) as usize).unwrap_or(epochs);
    Recipe { l2: recipe.l2 * growth, epochs: longer(recipe.epochs), patience: longer(recipe.patience), ..recipe }
}
