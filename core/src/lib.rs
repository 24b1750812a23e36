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
//!
//! | module | what is in it | begin with |
//! |---|---|---|
//! | [`data`] | digits from MNIST or drawn, checked and split; folds, pairs, augmentation | [`Dataset`](data::Dataset), [`load`](data::load) |
//! | [`nets`] | layers with their own backward passes, networks, losses | [`DeepNet`](nets::DeepNet), [`Frozen`](nets::Frozen) |
//! | [`train`] | recipes, optimizers, an epoch, a fit and its folder | [`fit`](train::fit), [`train_on_tape`](train::train_on_tape) |
//! | `fused` | the training step without a tape that `fit` takes; private | `src/fused/README.md` |
//! | [`metrics`] | loss, accuracy, the confusion matrix, probabilities; how signals spread in a network | [`evaluate`](metrics::evaluate), [`Probe`](metrics::Probe) |
//! | [`checkpoint`] | the format of checkpoints; weights for other programs | [`weights`](checkpoint::weights) |
//! | [`disk`] | files that are replaced as a whole, locked, or moved aside | [`persist`](disk::persist) |
//! | [`text`] | names and numbers for people | [`shown`] |
//!
//! # dfdx by example
//!
//! Each file in `core/examples` answers one question, checks its answer, and runs in a second or two on drawn digits:
//! `cargo run -p ch11-core --example frozen_layers`.
//!
//! | question | file |
//! |---|---|
//! | How do I write an operation with its own backward pass? | `examples/custom_operation.rs` |
//! | How do I save an optimizer's state? | `examples/optimizer_state.rs` |
//! | How do I freeze layers, and cache what they compute? | `examples/frozen_layers.rs` |
//! | How do weights come from PyTorch, and go there? | `examples/pytorch_weights.rs` |
//! | How do I write a training loop whose memory does not grow? | `examples/training_loop.rs` |
//! | How does batch normalisation become part of a linear layer? | `examples/folded_batch_norm.rs` |
//! | What does a training step look like without a tape? | `examples/step_without_tape.rs` |
//!
//! # What is public
//!
//! Public is what an exercise needs to be written: data, layers, recipes, fits, metrics and checkpoints, and, for
//! networks of your own, the traits [`Task`](train::Task), [`Classifier`](nets::Classifier) and
//! [`Freeze`](nets::Freeze). Layers show their tensors, since taking a network apart is how layers are reused. A
//! program can hold, open and name a fit's [`RunFolder`](train::RunFolder), and read from a
//! [`Checkpoint`](train::Checkpoint) which fit it is of, its history and its weights. But what resuming needs is
//! opaque, only a fit saves itself in its folder, and the fused step is private: a mistake there could lose a fit or
//! change its numbers. The crate is not published, so names may change; the format of checkpoints carries a version.
//! The hidden modules `fuzzing` and `disk::faults` are for tests alone.

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
