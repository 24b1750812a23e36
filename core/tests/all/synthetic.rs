//! Synthetic digits are neither too easy nor too hard: what a linear model misses, a deep network finds.

use std::num::NonZeroUsize;

use ch11_core::data::Digits;
use ch11_core::data::synthetic::{self, Size};
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Classifier, DeepNet, Linear, build};
use ch11_core::train::{Decay, Recipe, Unattended, fit};

fn test_accuracy<M: Classifier<784, 10>>(network: M, digits: &Digits) -> f64 {
    let settings = Recipe {
        batch_size: NonZeroUsize::new(50).unwrap(),
        ema_decay: Decay::new(0.99),
        epochs: NonZeroUsize::new(15).unwrap(),
        patience: NonZeroUsize::new(5).unwrap(),
        ..Recipe::DEEP_NET
    }
    .seeded(1);
    let fitted = fit(network, &digits.train, &digits.validation, &settings, None, &mut Unattended).unwrap();
    evaluate(&fitted.network, &digits.test).accuracy()
}

#[test]
fn a_deep_network_finds_what_a_linear_model_misses() {
    let digits = synthetic::DrawnDigits { size: Size { training: 12_000, test: 2_000 }, seed: 42 }.draw();
    let linear = test_accuracy(build::<(Linear<784, 10>,)>(1), &digits);
    let deep = test_accuracy(build::<DeepNet<10>>(1), &digits);
    assert!((0.75..0.90).contains(&linear), "{linear}");
    assert!(deep > 0.93, "{deep}, a linear model {linear}");
}
