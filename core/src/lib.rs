//! Deep neural networks as types over [dfdx], for the exercises of *Training Deep Neural Nets*: digits, layers,
//! training, evaluation and checkpoints. A network's shape is its type, so networks that do not fit together do not
//! compile, and neither does training a frozen layer.
//!
//! # Example
//! A deep network learns to tell the digits 0 to 4 apart:
//! ```
//! use std::num::NonZeroUsize;
//!
//! use ch11_core::data::synthetic::{DrawnDigits, Size};
//! use ch11_core::metrics::evaluate;
//! use ch11_core::nets::{DeepNet, build};
//! use ch11_core::train::{Recipe, Unattended, fit};
//!
//! // Drawn by this program; `data::load` finds MNIST or downloads it.
//! let digits = DrawnDigits { size: Size { training: 6_000, test: 500 }, seed: 42 }.draw().only(0..=4);
//! // Five hidden layers of 100 ELU neurons, with He initialisation.
//! let network: DeepNet<5> = build(42);
//! // Adam and early stopping, for a few epochs.
//! let recipe = Recipe { ema_decay: None, epochs: NonZeroUsize::new(8).unwrap(), ..Recipe::DEEP_NET };
//!
//! let fitted = fit(network, &digits.train, &digits.validation, &recipe.seeded(42), None, &mut Unattended)?;
//! let evaluation = evaluate(&fitted.network, &digits.test);
//! println!("{}", evaluation.confusion);
//! assert!(evaluation.accuracy() > 0.93);
//! # Ok::<(), ch11_core::Error>(())
//! ```
//!
//! # The modules, in reading order
//! - [`data`]: digits from MNIST or drawn, checked and split; [`Dataset`](data::Dataset)s; folds and pairs.
//! - [`nets`]: layers with their own backward passes, [`DeepNet`](nets::DeepNet) and its variants,
//!   [`Frozen`](nets::Frozen) layers, losses.
//! - [`train`]: a [`Recipe`](train::Recipe), one epoch ([`train_on_tape`](train::train_on_tape)), a whole
//!   [`fit`](train::fit) and its folder; [`cache`](train::cache) for frozen layers.
//! - `fused`: the training step of classifiers without a tape, which [`fit`](train::fit) uses; private.
//! - [`metrics`]: [`evaluate`](metrics::evaluate), the confusion matrix, probabilities.
//! - [`checkpoint`]: the format of checkpoints; weights as safetensors for other programs.
//! - [`disk`]: files that are replaced as a whole, locked, or moved aside.
//! - [`text`]: names and numbers for people.
//!
//! Public is what the exercises, their programs, the benchmarks and the tests use. The hidden modules `fuzzing` and
//! `disk::faults` are for tests alone.

pub mod checkpoint;
pub mod data;
pub mod disk;
mod error;
mod fused;
#[doc(hidden)]
pub mod fuzzing;
pub mod metrics;
pub mod nets;
pub mod text;
pub mod train;

pub use error::{Error, Result};
pub use text::shown;
