//! How the parts train. Learning rates, L2 and stopping were chosen on the validation images; see the README of this crate.

use std::num::NonZeroUsize;

use ch11_core::train::{Decay, Recipe};
use ch11_harness::cli::{Fits, Session};

use crate::few_images::FewImages;

/// The most epochs with `--quick`.
const QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(20).unwrap();

/// Fewer epochs without progress say little.
const LEAST_PATIENCE: NonZeroUsize = NonZeroUsize::new(10).unwrap();

/// Describes a fit on few images.
///
/// The recipes are for 100 of each digit. L2 is a prior on the weights, as each image is evidence on them: beside the mean loss over
/// more images, it counts for less in proportion. Patience counts epochs, which more images make longer.
pub fn fits<'a>(session: &'a Session, name: &str, recipe: Recipe, images: FewImages) -> Fits<'a> {
    let in_hundreds = images.in_hundreds();
    let patience = (recipe.patience.get() as f32 / in_hundreds) as usize;
    let patience = NonZeroUsize::new(patience).map_or(LEAST_PATIENCE, |it| it.max(LEAST_PATIENCE));
    let recipe = Recipe { l2: recipe.l2 / in_hundreds, patience, ..recipe };
    session.fits(name, recipe).quick(QUICK_EPOCHS).brief()
}

/// A new output layer on frozen layers.
pub const OUTPUT_LAYER: Recipe = Recipe {
    learning_rate: 0.003,
    batch_size: NonZeroUsize::new(20).unwrap(),
    ema_decay: Decay::new(0.99),
    l2: 0.03,
    patience: NonZeroUsize::new(40).unwrap(),
    ..Recipe::DEEP_NET
};

/// The same on the layers of part f, whose features need less regularisation.
pub const OUTPUT_LAYER_TO_TRANSFER: Recipe = Recipe { l2: 0.001, ..OUTPUT_LAYER };

/// The network of part f on the digits 0 to 4: for a few epochs only, since its hidden layers go on to forget what other digits need,
/// and with a little L2.
pub const TO_TRANSFER: Recipe = Recipe { epochs: NonZeroUsize::new(10).unwrap(), l2: 0.0001, ..Recipe::DEEP_NET };

/// 9e, the top two hidden layers unfrozen, then all: with less L2.
pub const UNFROZEN: Recipe = Recipe { l2: 0.01, ..OUTPUT_LAYER };

/// 9e, the same network from scratch.
pub const SCRATCH: Recipe = Recipe { learning_rate: 0.006, l2: 0.006, ..OUTPUT_LAYER };

/// 9e, softmax regression on the pixels.
pub const SOFTMAX_REGRESSION: Recipe = Recipe { l2: 0.0003, ..OUTPUT_LAYER };

/// 9h, the network on the digits 0 to 4: a few epochs with batch normalisation, as in part f, on distorted digits.
pub const TO_TRANSFER_AUGMENTED: Recipe = Recipe { epochs: NonZeroUsize::new(20).unwrap(), ..Recipe::AUGMENTED };

/// 9h, a new output layer on frozen layers.
pub const OUTPUT_LAYER_AUGMENTED: Recipe = Recipe {
    batch_size: OUTPUT_LAYER.batch_size,
    learning_rate: OUTPUT_LAYER.learning_rate,
    ema_decay: OUTPUT_LAYER.ema_decay,
    l2: 0.003,
    epochs: NonZeroUsize::new(200).unwrap(),
    ..Recipe::AUGMENTED
};

/// 9h, all layers.
pub const UNFROZEN_AUGMENTED: Recipe = Recipe {
    batch_size: OUTPUT_LAYER.batch_size,
    ema_decay: Decay::new(0.999),
    epochs: NonZeroUsize::new(400).unwrap(),
    ..Recipe::AUGMENTED
};

/// 9h, the same network from scratch, which takes longer.
pub const SCRATCH_AUGMENTED: Recipe =
    Recipe { l2: 0.0003, epochs: NonZeroUsize::new(1200).unwrap(), ..UNFROZEN_AUGMENTED };
