//! A training step without a tape: forward and backward passes as plain functions over slices.
//!
//! A tape records what to do backwards, and allocates a tensor for each result. For a network that is known, the backward
//! pass is as short as the forward pass, and needs neither. `fit` trains classifiers in this way (`core/src/fused`), with
//! all buffers made once.

use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{BatchLoss, Constant, Hidden, Linear, build};
use ch11_kernels::{
    Left, Onto, Rows, add_linear, add_product, add_rows, add_weight_gradient, cross_entropy, elu, elu_backward,
};
use dfdx::prelude::*;

const INPUTS: usize = 784;
const NEURONS: usize = 50;
const CLASSES: usize = 10;

/// Returns the mean loss of `n` images, and its gradients: of the hidden layer's weights and biases, then the output's.
fn forward_backward(
    ((hidden, _), output): &(Hidden<INPUTS, NEURONS>, Linear<NEURONS, CLASSES>),
    images: &[f32],
    labels: &[u8],
) -> (f32, [Vec<f32>; 4]) {
    let n = labels.len();
    let (w1, w2) = (hidden.weight.as_vec(), output.weight.as_vec());

    let mut h = hidden.bias.as_vec().repeat(n); // (n, NEURONS)
    add_linear(images, &w1, &mut h, n);
    elu(&mut h);
    let mut logits = output.bias.as_vec().repeat(n); // (n, CLASSES)
    add_linear(&h, &w2, &mut logits, n);

    // The loss of each row, whose logits become their gradient.
    let mut loss = 0.0;
    for (row, &label) in logits.chunks_exact_mut(CLASSES).zip(labels) {
        loss += cross_entropy(row, usize::from(label)) / n as f32;
    }
    logits.iter_mut().for_each(|value| *value /= n as f32);

    let mut gradients = [w1.len(), NEURONS, w2.len(), CLASSES].map(|length| vec![0.0; length]);
    let [of_w1, of_b1, of_w2, of_b2] = &mut gradients;
    add_weight_gradient(&h, &logits, of_w2, n);
    add_rows(&logits, of_b2);
    let mut of_h = vec![0.0; h.len()];
    let (left, right) = (Left::plain(&logits, n, CLASSES, CLASSES), Rows { values: &w2[..], stride: NEURONS });
    add_product(left, right, NEURONS, Onto::Zero, Rows { values: &mut of_h[..], stride: NEURONS });
    elu_backward(&h, &mut of_h);
    add_weight_gradient(images, &of_h, of_w1, n);
    add_rows(&of_h, of_b1);
    (loss, gradients)
}

fn main() -> Result<(), CpuError> {
    let digits = DrawnDigits { size: Size { training: 240, test: 20 }, seed: 1 }.draw().train;
    let mut network: (Hidden<INPUTS, NEURONS>, Linear<NEURONS, CLASSES>) = build(1);
    let (x, labels) = digits.batch(&(0..100).collect::<Vec<_>>(), &Cpu::default());
    let (loss, gradients) = forward_backward(&network, &x.as_vec(), &labels);

    let on_tape = BatchLoss::multiclass(network.try_forward_mut(Constant(x.leaky_traced()))?, &labels)?.loss;
    println!("loss: {loss:.6} without a tape, {:.6} on dfdx's", on_tape.array());
    assert!((loss - on_tape.array()).abs() < 1e-5);
    let taped = on_tape.try_backward()?;
    let ((hidden, _), output) = &network;
    let expected = [
        taped.get(&hidden.weight).as_vec(),
        taped.get(&hidden.bias).as_vec(),
        taped.get(&output.weight).as_vec(),
        taped.get(&output.bias).as_vec(),
    ];
    for (name, (found, expected)) in ["W1", "b1", "W2", "b2"].iter().zip(gradients.iter().zip(&expected)) {
        let farthest = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("gradient of {name}: {} numbers, farthest apart {farthest:.1e}", found.len());
        assert!(farthest < 1e-5);
    }
    Ok(())
}
