//! What the benchmarks share.

use std::hint::black_box;
use std::num::NonZeroUsize;

use ch11_core::Result;
use ch11_core::data::{self, Digits, Progress, Request, Source};
use ch11_core::nets::Parameters;
use ch11_core::train::{Recipe, Settings, Task, TrainingState, train_epoch};
use criterion::Bencher;

/// Loads MNIST if it is at hand (`MNIST_DIR`, `data/mnist`, the user's cache), or else draws as many digits; opens no
/// connection.
pub fn digits() -> Result<Digits> {
    let folder = std::env::var_os("MNIST_DIR").map(Into::into);
    data::load(&Request { folder, offline: true, ..Request::default() }, &Stderr)
}

struct Stderr;

impl Progress for Stderr {
    fn notice(&self, text: &str) {
        eprintln!("{text}");
    }
}

/// Says on stderr which digits are used.
pub fn print_dataset(digits: &Digits) {
    eprintln!("dataset: {}, {}", digits.source, digits.origin);
    if digits.source != Source::Mnist {
        eprintln!("The times are those of MNIST all the same: they depend on shapes only.");
    }
}

/// Returns settings with which a fit ends after `epochs`, and not before.
///
/// # Panics
/// If either number is 0.
pub fn settings(batch_size: usize, epochs: usize) -> Settings {
    let [batch_size, epochs] = [batch_size, epochs].map(|number| NonZeroUsize::new(number).unwrap());
    Recipe { batch_size, ema_decay: None, epochs, patience: epochs, ..Recipe::DEEP_NET }.seeded(42)
}

/// Times the training of one epoch, always the first one from `start`: neither the copy of that state nor the validation
/// that ends an epoch is counted.
///
/// # Panics
/// If there is not enough memory for a batch.
pub fn time_epoch<M: Parameters, T: Task<M>>(
    bencher: &mut Bencher<'_>,
    (task, settings): (&T, &Settings),
    start: &TrainingState<M>,
) {
    let epoch = |_| train_epoch(task, &settings.recipe, black_box(&mut start.clone())).unwrap();
    bencher.iter_custom(|epochs| (0..epochs).map(epoch).sum());
}
