//! Saving an optimizer's state, so that training goes on as if it had never stopped.
//!
//! dfdx's Adam keeps its moments and its step count private. An optimizer outside of dfdx that can be serialised is short
//! (`core/src/train/optimizer.rs`): it walks over the network's tensors, and keeps its state in plain vectors.

use std::ops::Range;

use ch11_core::data::Dataset;
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{Constant, Hidden, Linear, NamedTensor, build, cross_entropy, export_tensors, import_tensors};
use ch11_core::train::{Optimizer, Recipe};
use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

type Network = (Hidden<784, 30>, Linear<30, 10>);

/// All that the next step depends on, besides the data.
#[derive(Serialize, Deserialize)]
struct Saved {
    weights: Vec<NamedTensor>,
    optimizer: Optimizer,
}

fn train(
    network: &mut Network,
    optimizer: &mut Optimizer,
    digits: &Dataset<784>,
    batches: Range<usize>,
) -> Result<(), CpuError> {
    let device = Cpu::default();
    let mut gradients = network.alloc_grads();
    for batch in batches {
        let rows: Vec<usize> = (20 * batch..20 * (batch + 1)).collect();
        let (x, labels) = digits.batch(&rows, &device);
        let logits = network.try_forward_mut(Constant(x.traced(gradients)))?;
        gradients = cross_entropy(logits, &labels)?.try_backward()?;
        optimizer.update(network, &mut gradients)?;
        network.try_zero_grads(&mut gradients)?;
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let digits = DrawnDigits { size: Size { training: 600, test: 100 }, seed: 1 }.draw().train;
    let start = || {
        let network: Network = build(1);
        let optimizer = Optimizer::new(&Recipe::DEEP_NET, &network);
        (network, optimizer)
    };
    let run = |(mut network, mut optimizer): (Network, Optimizer), batches| {
        train(&mut network, &mut optimizer, &digits, batches).map(|()| (network, optimizer))
    };

    let (uninterrupted, _) = run(start(), 0..20)?;

    let (network, optimizer) = run(start(), 0..10)?;
    let file = serde_json::to_string(&Saved { weights: export_tensors(&network), optimizer })?;
    let Saved { weights, optimizer } = serde_json::from_str(&file)?;
    let mut restored: Network = build(2);
    import_tensors(&mut restored, &weights).map_err(anyhow::Error::msg)?;
    let (forgetful, _) = run((restored.clone(), Optimizer::new(&Recipe::DEEP_NET, &restored)), 10..20)?;
    let (resumed, _) = run((restored, optimizer), 10..20)?;

    println!("saved: {} bytes of weights and moments", file.len());
    assert_eq!(export_tensors(&resumed), export_tensors(&uninterrupted));
    println!("ten steps, saved, restored, ten more: the same bits as twenty steps");
    assert_ne!(export_tensors(&forgetful), export_tensors(&uninterrupted));
    println!("with a new optimizer, the last ten steps differ");
    Ok(())
}
