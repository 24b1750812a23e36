//! Batch normalisation folded into the layer before it, for inference.
//!
//! In inference, batch normalisation scales and shifts each output by fixed numbers, which the weights and biases of the
//! linear layer before it can do, too: `γ (W x + b - μ) / √(σ² + ε) + β`. What is left is a plain network with the same
//! logits, fewer parameters, and less to compute.

use std::num::NonZeroUsize;

use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{Hidden, Linear, NormalisedHidden, build, copy_out, fold};
use ch11_core::train::{Recipe, Unattended, fit};
use dfdx::prelude::*;

type Normalised = (NormalisedHidden<784, 50>, NormalisedHidden<50, 50>, Linear<50, 10>);
type Plain = (Hidden<784, 50>, Hidden<50, 50>, Linear<50, 10>);

fn main() -> anyhow::Result<()> {
    let digits = DrawnDigits { size: Size { training: 2_400, test: 300 }, seed: 1 }.draw();
    let settings = Recipe { epochs: NonZeroUsize::MIN.saturating_add(2), ..Recipe::DEEP_NET }.seeded(1);
    let network: Normalised = build(1);
    let fitted = fit(network, &digits.train, &digits.validation, &settings, None, &mut Unattended)?;

    let normalised = fitted.network;
    let (hidden1, hidden2, output) = normalised.clone();
    let plain: Plain = (fold(hidden1), fold(hidden2), output);
    println!("{} numbers with batch normalisation, {} without", copy_out(&normalised).len(), copy_out(&plain).len());
    assert_eq!(copy_out(&normalised).len(), copy_out(&plain).len() + 2 * 4 * 50);

    let rows: Vec<usize> = (0..digits.test.len()).collect();
    let (x, _) = digits.test.batch(&rows, &Cpu::default());
    let (expected, found) = (normalised.forward(x.clone()).as_vec(), plain.forward(x).as_vec());
    let farthest = expected.iter().zip(&found).map(|(expected, found)| (expected - found).abs()).fold(0.0, f32::max);
    println!("on {} test digits, no logit differs by more than {farthest:.1e}", rows.len());
    assert!(farthest < 1e-3);
    Ok(())
}
