//! Nesterov's momentum against dfdx's own, step by step.

use ch11_core::nets::{Batch, Constant, Hidden, Linear, build, cross_entropy, export_tensors};
use ch11_core::train::{self, Algorithm, Recipe};
use dfdx::nn::ZeroGrads;
use dfdx::optim::{Momentum, Optimizer, Sgd, SgdConfig, WeightDecay};
use dfdx::prelude::*;

const NESTEROV: Recipe =
    Recipe { algorithm: Algorithm::Nesterov { momentum: 0.95 }, learning_rate: 0.01, ..Recipe::DEEP_NET };

type Network = (Hidden<3, 4>, Linear<4, 2>);

#[test]
fn agrees_with_dfdx() {
    let x: Batch<3> = Cpu::default().tensor_from_vec((0..15).map(|i| (i % 7) as f32 / 7.0).collect(), (5, Const));
    let gradients = |network: &Network| {
        let logits = network.forward(Constant(x.trace(network.alloc_grads())));
        cross_entropy(logits, &[0, 1, 1, 0, 1]).unwrap().backward()
    };
    let start: Network = build(1);
    let (mut ours, mut theirs) = (start.clone(), start.clone());
    let mut our_nesterov = train::Optimizer::new(&Recipe { l2: 0.1, ..NESTEROV }, &ours);
    let mut their_nesterov = Sgd::new(
        &theirs,
        SgdConfig { lr: 0.01, momentum: Some(Momentum::Nesterov(0.95)), weight_decay: Some(WeightDecay::L2(0.1)) },
    );
    for step in 1..=20 {
        let (mut our_gradients, their_gradients) = (gradients(&ours), gradients(&theirs));
        our_nesterov.update(&mut ours, &mut our_gradients).unwrap();
        their_nesterov.update(&mut theirs, &their_gradients).unwrap();
        assert_eq!(our_nesterov.steps(), step);
    }
    assert_ne!(export_tensors(&ours), export_tensors(&start));
    for (ours, theirs) in export_tensors(&ours).iter().zip(export_tensors(&theirs)) {
        for (ours, theirs) in ours.values.iter().zip(theirs.values) {
            assert!((ours - theirs).abs() < 1e-5, "{ours}, not {theirs}");
        }
    }
}

#[test]
fn a_saved_state_goes_on_as_if_never_saved() {
    let mut network: Network = build(1);
    let mut nesterov = train::Optimizer::new(&NESTEROV, &network);
    let mut gradients = network.alloc_grads();
    gradients.get_or_alloc_mut(&network.1.bias).unwrap().copy_from_slice(&[0.5, -0.25]);
    nesterov.update(&mut network, &mut gradients).unwrap();

    let json = serde_json::to_string(&nesterov).unwrap();
    let mut restored: train::Optimizer = serde_json::from_str(&json).unwrap();
    let mut other = network.clone();
    nesterov.update(&mut network, &mut gradients).unwrap();
    restored.update(&mut other, &mut gradients).unwrap();
    assert_eq!(export_tensors(&network), export_tensors(&other));
}
