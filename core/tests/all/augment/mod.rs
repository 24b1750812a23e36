//! Augmentation: what is drawn, and what a network learns of it.

mod bars;
mod drawing;
mod training;

use ch11_core::data::Digits;
use ch11_core::data::synthetic::{DrawnDigits, Size};

/// Digits 0 to 4, so many of them or a few less.
fn digits(training: usize) -> Digits {
    DrawnDigits { size: Size { training: 24 * training / 11, test: 200 }, seed: 7 }.draw().only(0..=4)
}

fn root_mean_square(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count() as f64;
    (values.map(|it| it * it).sum::<f64>() / count).sqrt()
}
