//! Adam against dfdx's own, step by step.

use ch11_core::nets::{Batch, Constant, Hidden, Linear, build, cross_entropy, export_tensors};
use ch11_core::train::{self, Recipe};
use dfdx::nn::ZeroGrads;
use dfdx::optim::{AdamConfig, Optimizer, WeightDecay};
use dfdx::prelude::*;

const ADAM: Recipe = Recipe { learning_rate: 0.01, ..Recipe::DEEP_NET };

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
    let mut our_adam = train::Optimizer::new(&Recipe { l2: 0.1, ..ADAM }, &ours);
    let mut their_adam = dfdx::optim::Adam::new(
        &theirs,
        AdamConfig { lr: 0.01, weight_decay: Some(WeightDecay::L2(0.1)), ..Default::default() },
    );
    for step in 1..=20 {
        let (mut our_gradients, their_gradients) = (gradients(&ours), gradients(&theirs));
        our_adam.update(&mut ours, &mut our_gradients).unwrap();
        their_adam.update(&mut theirs, &their_gradients).unwrap();
        assert_eq!(our_adam.steps(), step);
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
    let mut adam = train::Optimizer::new(&ADAM, &network);
    let mut gradients = network.alloc_grads();
    gradients.get_or_alloc_mut(&network.1.bias).unwrap().copy_from_slice(&[0.5, -0.25]);
    adam.update(&mut network, &mut gradients).unwrap();

    let json = serde_json::to_string(&adam).unwrap();
    let mut restored: train::Optimizer = serde_json::from_str(&json).unwrap();
    let mut other = network.clone();
    adam.update(&mut network, &mut gradients).unwrap();
    restored.update(&mut other, &mut gradients).unwrap();
    assert_eq!(export_tensors(&network), export_tensors(&other));
}
