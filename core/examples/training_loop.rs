//! A training loop that keeps no memory from step to step.
//!
//! What leaks in dfdx is gradients. A backward pass leaves one for every tensor on the way, the activations of each batch
//! among them, and `Gradients::leaky` (so `leaky_trace`, too) keeps them all. `alloc_grads` marks the network's own tensors:
//! all other gradients are dropped after each backward pass, and the same memory serves every step.

use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{BatchLoss, Constant, Hidden, Linear, build};
use ch11_core::train::{Optimizer, Recipe};
use dfdx::prelude::*;

type Network = (Hidden<784, 30>, Linear<30, 10>);

/// Takes a step, and returns the gradients with which the next one begins, and the loss.
fn step(
    (network, optimizer): (&mut Network, &mut Optimizer),
    (x, labels): (ch11_core::nets::Batch<784>, Vec<u8>),
    gradients: Gradients<f32, Cpu>,
) -> Result<(Gradients<f32, Cpu>, f32), CpuError> {
    let logits = network.try_forward_mut(Constant(x.traced(gradients)))?;
    let BatchLoss { loss, .. } = BatchLoss::multiclass(logits, &labels)?;
    // A number, not a tensor: a tensor that is kept for the log would keep its tape.
    let value = loss.array();
    let mut gradients = loss.try_backward()?;
    optimizer.update(network, &mut gradients)?;
    network.try_zero_grads(&mut gradients)?;
    Ok((gradients, value))
}

fn main() -> Result<(), CpuError> {
    let digits = DrawnDigits { size: Size { training: 2_400, test: 100 }, seed: 1 }.draw().train;
    let device = Cpu::default();
    let mut network: Network = build(1);
    let mut optimizer = Optimizer::new(&Recipe::DEEP_NET, &network);

    let mut gradients = network.alloc_grads();
    for epoch in 1..=3 {
        let mut sum = 0.0;
        let rows: Vec<usize> = (0..digits.len()).collect();
        for rows in rows.chunks(20) {
            let loss;
            (gradients, loss) = step((&mut network, &mut optimizer), digits.batch(rows, &device), gradients)?;
            sum += loss * rows.len() as f32;
        }
        println!("epoch {epoch}: loss {:.3}", sum / rows.len() as f32);
    }

    // What is left of a hidden layer's gradient after a backward pass: nothing, or all of it.
    let kept = |gradients: Gradients<f32, Cpu>| -> Result<bool, CpuError> {
        let (x, labels) = digits.batch(&[0, 1, 2], &device);
        let hidden = network.0.try_forward(x)?;
        let logits = network.1.try_forward(hidden.trace(gradients))?;
        let mut left = BatchLoss::multiclass(logits, &labels)?.loss.try_backward()?;
        Ok(left.get_or_alloc_mut(&hidden)?.iter().any(|value| *value != 0.0))
    };
    assert!(!kept(network.alloc_grads())? && kept(Gradients::leaky())?);
    println!("after `alloc_grads`, a batch leaves no gradient behind; after `leaky`, it does");
    Ok(())
}
