//! How the parts train. Learning rates, L2 and stopping were chosen on the validation images; see the README of this crate.

use std::num::NonZeroUsize;

use ch11_core::train::Recipe;
use ch11_harness::cli::{Fits, Session};

/// The most epochs with `--quick`.
const QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(20).unwrap();

/// Describes a fit on few images.
pub fn fits<'a>(session: &'a Session, name: &str, recipe: Recipe) -> Fits<'a> {
    session.fits(name, recipe).quick(QUICK_EPOCHS).brief()
}

/// A new output layer on frozen layers.
pub const OUTPUT_LAYER: Recipe = Recipe {
    learning_rate: 0.003,
    batch_size: NonZeroUsize::new(20).unwrap(),
    ema_decay: Some(0.99),
    l2: 0.01,
    patience: NonZeroUsize::new(40).unwrap(),
    ..Recipe::DEEP_NET
};

/// The same on the layers of part f, whose features need less regularisation.
pub const OUTPUT_LAYER_TO_TRANSFER: Recipe = Recipe { l2: 0.001, ..OUTPUT_LAYER };

/// The network of part f on the digits 0 to 4: for a few epochs only, since its hidden layers go on to forget what other digits need,
/// and with a little L2.
pub const TO_TRANSFER: Recipe = Recipe { epochs: NonZeroUsize::new(10).unwrap(), l2: 0.0001, ..Recipe::DEEP_NET };

/// 9e, the top two hidden layers unfrozen: at the rate of the output layer, with less L2.
pub const UNFROZEN: Recipe = Recipe { l2: 0.003, ..OUTPUT_LAYER };

/// 9e, all layers unfrozen, which would forget what they have learnt at a higher rate; and the same network from scratch.
pub const UNFROZEN_ALL: Recipe = Recipe { learning_rate: 0.001, ..UNFROZEN };
