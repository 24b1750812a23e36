//! Freezing layers: a pretrained network's hidden layer is kept, and a new output layer learns other digits on it.
//!
//! Freezing is a type. `Frozen<L>` shows its tensors to no optimizer, and has no backward pass, so nothing has to be
//! remembered or switched off. What frozen layers make of the images never changes, so it can be computed once.

use std::num::NonZeroUsize;

use ch11_core::data::Dataset;
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Frozen, Hidden, Linear, build, export_tensors, trainable_parameters};
use ch11_core::train::{Recipe, Unattended, cache, fit};

const TWENTY: NonZeroUsize = NonZeroUsize::new(20).unwrap();

type Network = (Hidden<784, 50>, Linear<50, 5>);
type OnFrozen = (Frozen<Hidden<784, 50>>, Linear<50, 5>);

fn main() -> ch11_core::Result<()> {
    let digits = DrawnDigits { size: Size { training: 3_000, test: 500 }, seed: 1 }.draw();
    let [low, high] = [0..=4, 5..=9].map(|digits_kept| digits.clone().only(digits_kept));
    let settings = Recipe { learning_rate: 0.01, ema_decay: None, epochs: TWENTY, ..Recipe::DEEP_NET }.seeded(1);

    let pretrained = fit(build::<Network>(1), &low.train, &low.validation, &settings, None, &mut Unattended)?;

    // Reusing layers is taking the tuple apart.
    let (hidden, _output) = pretrained.network;
    let before = export_tensors(&hidden);
    let network: OnFrozen = (Frozen(hidden), build(2));
    println!("{} of {} parameters learn", trainable_parameters(&network), 784 * 50 + 50 + 50 * 5 + 5);
    assert_eq!(trainable_parameters(&network), 50 * 5 + 5);

    let output = network.1.clone();
    let fitted = fit(network, &high.train, &high.validation, &settings, None, &mut Unattended)?;
    let accuracy = evaluate(&fitted.network, &high.test).accuracy();
    println!("accuracy on the digits 5 to 9: {:.1} %", 100.0 * accuracy);
    assert!(accuracy > 0.5, "{accuracy}, where 0.2 would be chance");

    let (Frozen(hidden), trained) = fitted.network;
    let values =
        |tensors: Vec<ch11_core::nets::NamedTensor>| tensors.into_iter().map(|it| it.values).collect::<Vec<_>>();
    assert_eq!(values(export_tensors(&hidden)), values(before));
    println!("not a bit of the frozen layer has changed");

    // The same code trains on the cached outputs, to the same weights.
    let [train, validation]: [Dataset<50>; 2] = [&high.train, &high.validation].map(|images| cache(&hidden, images));
    let cached = fit(output, &train, &validation, &settings, None, &mut Unattended)?;
    assert_eq!(values(export_tensors(&cached.network)), values(export_tensors(&trained)));
    println!("trained on cached features, the output layer has the same weights");
    Ok(())
}
