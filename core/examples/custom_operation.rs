//! A custom operation with its own backward pass: the activation swish, `z · σ(z)` ([Ramachandran et al., 2017]).
//!
//! dfdx keeps to itself what its own operations are made of, but a tape takes any closure. The forward pass computes a new
//! tensor off the tape; `add_backward_op` then says how the output's gradient becomes one of the input.
//!
//! [Ramachandran et al., 2017]: https://arxiv.org/abs/1710.05941

use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{Constant, Linear, build, cross_entropy};
use dfdx::optim::{Adam, AdamConfig};
use dfdx::prelude::*;

#[derive(Debug, Clone, Copy, Default)]
struct Swish;

// It has no tensors of its own, and training changes nothing in it.
impl ZeroSizedModule for Swish {}
impl NonMutableModule for Swish {}

impl<S: Shape, T: Tape<f32, Cpu>> Module<Tensor<S, f32, Cpu, T>> for Swish {
    type Output = Tensor<S, f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, z: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        let (z, mut tape) = z.split_tape();
        let inputs = z.as_vec();
        let outputs = inputs.iter().map(|&z| z * logistic(z)).collect();
        let y = z.device().try_tensor_from_vec(outputs, *z.shape())?;

        // A ghost stands for a tensor whose values are no longer needed.
        let (input, output) = (z.ghost(), y.ghost());
        tape.add_backward_op(move |gradients| {
            let above = gradients.get_or_alloc_mut(&output)?.to_vec();
            // A tensor that is used twice gets a gradient from each use: add, never replace.
            for ((sum, z), above) in gradients.get_or_alloc_mut(&input)?.iter_mut().zip(inputs).zip(above) {
                let share = logistic(z);
                *sum += above * (share + z * share * (1.0 - share));
            }
            Ok(())
        });
        Ok(y.put_tape(tape))
    }
}

fn logistic(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

fn main() -> anyhow::Result<()> {
    // The backward pass agrees with finite differences.
    let device = Cpu::default();
    let swish = |z: f32| Swish.forward(device.tensor([z])).array()[0];
    for z in [-3.0, -0.5, 0.0, 2.0] {
        let at: Tensor<Rank1<1>, f32, _> = device.tensor([z]);
        let slope = Swish.forward(at.leaky_trace()).sum().backward().get(&at).array()[0];
        let difference = (swish(z + 0.01) - swish(z - 0.01)) / 0.02;
        println!("at {z:4}: slope {slope:7.4}, by finite differences {difference:7.4}");
        assert!((slope - difference).abs() < 1e-3);
    }
    // A layer like any other: a network with it learns.
    let digits = DrawnDigits { size: Size { training: 1_200, test: 100 }, seed: 1 }.draw();
    let mut network: (Linear<784, 30>, Swish, Linear<30, 10>) = build(1);
    let mut adam = Adam::new(&network, AdamConfig { lr: 0.003, ..Default::default() });
    let mut gradients = network.alloc_grads();
    let mut losses = Vec::new();
    for rows in (0..digits.train.len()).collect::<Vec<_>>().chunks(20) {
        let (x, labels) = digits.train.batch(rows, &device);
        let loss = cross_entropy(network.forward_mut(Constant(x.traced(gradients))), &labels)?;
        losses.push(loss.array());
        gradients = loss.backward();
        adam.update(&mut network, &gradients)?;
        network.zero_grads(&mut gradients);
    }
    println!("the loss fell from {:.2} to {:.2} nats", losses[0], losses[losses.len() - 1]);
    assert!(losses[losses.len() - 1] < losses[0] / 2.0);
    Ok(())
}
