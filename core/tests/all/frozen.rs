//! Frozen layers stay as they are, cost no gradient, and can be cached without changing a bit of what is trained on them.

use std::num::NonZeroUsize;

use ch11_core::data::Dataset;
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{Constant, Frozen, Hidden, Linear, Summary, build, export_tensors};
use ch11_core::train::{Decay, Fitted, Recipe, Settings, Unattended, cache, fit};
use dfdx::nn::{NumParams, ZeroGrads};
use dfdx::optim::{AdamConfig, Optimizer};
use dfdx::prelude::*;

type Pretrained = (Hidden<784, 100>, Hidden<100, 100>, Linear<100, 5>);
type OnFrozen = (Frozen<Hidden<784, 100>>, Frozen<Hidden<100, 100>>, Linear<100, 5>);

fn pretrained() -> Pretrained {
    build(1)
}

fn on_frozen() -> OnFrozen {
    let (hidden1, hidden2, _output) = pretrained();
    (Frozen(hidden1), Frozen(hidden2), build(2))
}

fn digits() -> (Dataset<784>, Dataset<784>) {
    let digits = DrawnDigits { size: Size { training: 1200, test: 10 }, seed: 3 }.draw().only(5..=9);
    (digits.train.first_of_each(31), digits.validation)
}

fn settings(batch_size: usize) -> Settings {
    Recipe {
        learning_rate: 0.003,
        batch_size: NonZeroUsize::new(batch_size).unwrap(),
        ema_decay: Decay::new(0.9),
        l2: 0.001,
        epochs: NonZeroUsize::new(6).unwrap(),
        patience: NonZeroUsize::new(6).unwrap(),
        ..Recipe::DEEP_NET
    }
    .seeded(4)
}

fn fit_on_frozen(batch_size: usize) -> Fitted<OnFrozen> {
    let (train, validation) = digits();
    fit(on_frozen(), &train, &validation, &settings(batch_size), None, &mut Unattended).unwrap()
}

#[test]
fn training_changes_no_bit_of_what_is_frozen() {
    let before = export_tensors(&on_frozen());
    let after = export_tensors(&fit_on_frozen(20).network);
    let names: Vec<&str> = after.iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(
        names,
        ["hidden1.weight", "hidden1.bias", "hidden2.weight", "hidden2.bias", "output.weight", "output.bias"]
    );
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.trainable, before.name.starts_with("output"));
        assert_eq!(before.values == after.values, !before.trainable, "{}", before.name);
    }
}

#[test]
fn dfdx_optimizers_leave_it_alone_too() {
    let mut network = on_frozen();
    let mut adam = dfdx::optim::Adam::new(&network, AdamConfig::default());
    let (x, _) = digits().0.batch(&[0, 1, 2], &Cpu::default());
    let logits = network.forward_mut(Constant(x.traced(network.alloc_grads())));
    adam.update(&mut network, &logits.square().mean().backward()).unwrap();
    let (before, after) = (export_tensors(&on_frozen()), export_tensors(&network));
    assert_eq!(before[..4], after[..4]);
    assert_ne!(before[4..], after[4..]);
    assert_eq!(network.num_trainable_params(), 505);
    assert_eq!(Summary::of(&network).layers[0].trainable, 0);
}

#[test]
fn cached_layers_lead_to_the_same_bits() {
    // Batches of one row and last batches of every kind: 155 rows.
    for batch_size in [1, 2, 10, 20, 100, 500] {
        let uncached = fit_on_frozen(batch_size);
        let (train, validation) = digits();
        let (hidden1, hidden2, _output) = pretrained();
        let layers = (hidden1, hidden2);
        let (train, validation): (Dataset<100>, Dataset<100>) = (cache(&layers, &train), cache(&layers, &validation));
        let head: (Linear<100, 5>,) = (build(2),);
        let cached = fit(head, &train, &validation, &settings(batch_size), None, &mut Unattended).unwrap();
        assert_eq!(cached.history, uncached.history, "batches of {batch_size}");
        assert_eq!(
            export_tensors(&cached.network)[..],
            export_tensors(&uncached.network)[4..],
            "batches of {batch_size}"
        );
    }
}

#[test]
fn a_frozen_network_can_be_built_and_infers_like_the_layer_itself() {
    let frozen: (Frozen<Hidden<784, 100>>, Linear<100, 5>) = build(7);
    let plain: (Hidden<784, 100>, Linear<100, 5>) = build(7);
    let (x, _) = digits().0.batch(&[0, 1, 2], &Cpu::default());
    assert_eq!(frozen.forward(x.clone()).as_vec(), plain.forward(x).as_vec());
}
