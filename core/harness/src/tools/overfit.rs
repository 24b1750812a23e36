//! The first check of any network: can it learn a few images by heart?

use std::num::NonZeroUsize;

use anyhow::{Context, bail};
use ch11_core::data::PIXELS;
use ch11_core::nets::{Classifier, build};
use ch11_core::train::{Classification, Recipe, TrainingState, train_epoch};
use dfdx::prelude::{BuildModule, Cpu};

use crate::cli::{Console, DataArgs, Exercise, Interrupt};

pub(super) const HELP: &str = "\
A network that cannot learn a few images by heart has a fault, and no amount of data or tuning mends it: a gradient that is \
wrong or does not arrive, labels that belong to other images, a learning rate far off. The exercise's network trains, with \
Adam, on the first N training images alone, until its mean loss is below 0.001. If it is not after 1,000 epochs, the exit \
status is 1.

Example:
  BINARY overfit 20";

/// The loss to reach, in nats.
const NEAR_ZERO: f64 = 0.001;
const EPOCHS: usize = 1000;

/// The flags of `overfit`.
#[derive(Debug, Clone, clap::Args)]
pub struct OverfitArgs {
    /// How many training images, from the first on
    #[arg(value_name = "N", default_value = "20")]
    images: NonZeroUsize,

    /// Seed of the network and of the order of the images
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,

    /// Where digits come from
    #[command(flatten)]
    data: DataArgs,
}

/// Trains until the loss is near 0.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &OverfitArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(false);
    let interrupt = Interrupt::listen();
    let train = console.load_only(&exercise.digits, &args.data.request(false), &interrupt)?.train;
    let count = args.images.get().min(train.len());
    let few = train.select(&(0..count).collect::<Vec<usize>>());
    let task = Classification::<PIXELS, CLASSES>::new(&few, &few);
    let settings = Recipe { ema_decay: None, ..Recipe::DEEP_NET }.seeded(args.seed);
    let mut state = TrainingState::new(build::<M>(args.seed), &settings);
    let mut loss = f64::INFINITY;
    for epoch in 1..=EPOCHS {
        train_epoch(&task, &settings.recipe, &mut state).map_err(ch11_core::Error::from)?;
        interrupt.check()?;
        loss = state.history.last().map_or(f64::NAN, |epoch| epoch.validation_loss);
        if epoch.is_power_of_two() || loss < NEAR_ZERO {
            console.result(format_args!("epoch {epoch:4}: loss {loss:.6}"));
        }
        if loss < NEAR_ZERO {
            console.result(format_args!("The network has learnt {count} images by heart in {epoch} epochs."));
            return console.check().context("cannot write the results to stdout; write them elsewhere");
        }
        if !loss.is_finite() {
            break;
        }
    }
    bail!(
        "found a loss of {loss:.4} on {count} images, expected one below {NEAR_ZERO}; look for a fault in the network, or for \
         equal images with different labels"
    )
}
