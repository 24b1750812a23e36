//! The optimizers against dfdx's own, step by step.

use ch11_core::nets::{Batch, Constant, Hidden, Linear, build, cross_entropy, export_tensors};
use ch11_core::train::{self, Algorithm, Recipe};
use dfdx::nn::ZeroGrads;
use dfdx::optim::{Adam, AdamConfig, Momentum, Optimizer, Sgd, SgdConfig, WeightDecay};
use dfdx::prelude::*;

const ADAM: Recipe = Recipe { learning_rate: 0.01, ..Recipe::DEEP_NET };
const NESTEROV: Recipe = Recipe { algorithm: Algorithm::Nesterov { momentum: 0.95 }, ..ADAM };

type Network = (Hidden<3, 4>, Linear<4, 2>);

#[test]
fn adam_agrees_with_dfdx() {
    let config = AdamConfig { lr: 0.01, weight_decay: Some(WeightDecay::L2(0.1)), ..Default::default() };
    agrees_with(|network| Adam::new(network, config), ADAM);
}

#[test]
fn nesterov_agrees_with_dfdx() {
    let (momentum, weight_decay) = (Some(Momentum::Nesterov(0.95)), Some(WeightDecay::L2(0.1)));
    let config = SgdConfig { lr: 0.01, momentum, weight_decay };
    agrees_with(|network| Sgd::new(network, config), NESTEROV);
}

fn agrees_with<O: Optimizer<Network, Cpu, f32>>(theirs: impl Fn(&Network) -> O, recipe: Recipe) {
    let x: Batch<3> = Cpu::default().tensor_from_vec((0..15).map(|i| (i % 7) as f32 / 7.0).collect(), (5, Const));
    let gradients = |network: &Network| {
        let logits = network.forward(Constant(x.trace(network.alloc_grads())));
        cross_entropy(logits, &[0, 1, 1, 0, 1]).unwrap().backward()
    };
    let start: Network = build(1);
    let (mut our_network, mut their_network) = (start.clone(), start.clone());
    let mut ours = train::Optimizer::new(&Recipe { l2: 0.1, ..recipe }, &our_network);
    let mut theirs = theirs(&their_network);
    for step in 1..=20 {
        let (mut our_gradients, their_gradients) = (gradients(&our_network), gradients(&their_network));
        ours.update(&mut our_network, &mut our_gradients).unwrap();
        theirs.update(&mut their_network, &their_gradients).unwrap();
        assert_eq!(ours.steps(), step);
    }
    assert_ne!(export_tensors(&our_network), export_tensors(&start));
    for (ours, theirs) in export_tensors(&our_network).iter().zip(export_tensors(&their_network)) {
        for (ours, theirs) in ours.values.iter().zip(theirs.values) {
            assert!((ours - theirs).abs() < 1e-5, "{ours}, not {theirs}");
        }
    }
}

#[test]
fn a_saved_state_goes_on_as_if_never_saved() {
    for recipe in [ADAM, NESTEROV] {
        let mut network: Network = build(1);
        let mut optimizer = train::Optimizer::new(&recipe, &network);
        let mut gradients = network.alloc_grads();
        gradients.get_or_alloc_mut(&network.1.bias).unwrap().copy_from_slice(&[0.5, -0.25]);
        optimizer.update(&mut network, &mut gradients).unwrap();

        let json = serde_json::to_string(&optimizer).unwrap();
        let mut restored: train::Optimizer = serde_json::from_str(&json).unwrap();
        let mut other = network.clone();
        optimizer.update(&mut network, &mut gradients).unwrap();
        restored.update(&mut other, &mut gradients).unwrap();
        assert_eq!(export_tensors(&network), export_tensors(&other), "{recipe:?}");
    }
}
