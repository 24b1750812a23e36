//! Dropout against its own definition and finite differences, and as a part of a fit.

use std::num::NonZeroUsize;

use ch11_core::data::Dataset;
use ch11_core::nets::{Batch, Constant, Dropout, DropoutHidden, Linear, build, export_tensors};
use ch11_core::train::{Recipe, Unattended, fit};
use dfdx::prelude::*;

const FEATURES: usize = 6;
const ROWS: usize = 5;

fn batch(seed: u64, values: impl Fn(usize) -> f32) -> Batch<FEATURES> {
    let values = (0..ROWS * FEATURES).map(values).collect();
    Cpu::seed_from_u64(seed).tensor_from_vec(values, (ROWS, Const))
}

/// A loss whose gradient differs from entry to entry: each output times its position, squared.
fn loss(y: Batch<FEATURES, OwnedTape<f32, Cpu>>) -> Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>> {
    (y * batch(0, |position| position as f32 + 1.0)).square().mean()
}

#[test]
fn gradient_agrees_with_finite_differences() {
    let value = |entry: usize| (entry as f32).sin();
    // A device of the same seed drops the same values each time.
    let loss_of = |x: Batch<FEATURES>| loss(Dropout { rate: 0.4 }.forward_mut(x.leaky_trace()));
    let x = batch(7, value);
    let gradient = loss_of(x.clone()).backward().get(&x).as_vec();
    assert!(gradient.contains(&0.0) && gradient.iter().any(|&value| value != 0.0), "{gradient:?}");
    for (entry, gradient) in gradient.into_iter().enumerate() {
        let loss_at = |step: f32| loss_of(batch(7, |at| value(at) + if at == entry { step } else { 0.0 })).array();
        let slope = (loss_at(1e-2) - loss_at(-1e-2)) / 2e-2;
        assert!((gradient - slope).abs() < 0.05 + 1e-3 * slope.abs(), "{entry}: {gradient}, not {slope}");
    }
}

#[test]
fn what_is_kept_is_scaled_and_each_batch_drops_others() {
    let device = Cpu::seed_from_u64(1);
    let ones = || -> Batch<FEATURES> { device.ones_like(&(ROWS, Const)) };
    let mut dropout = Dropout { rate: 0.75 };
    let [first, second] = [0, 1].map(|_| dropout.forward_mut(ones().leaky_trace()).as_vec());
    assert!(first.iter().chain(&second).all(|&value| value == 0.0 || value == 4.0));
    assert_ne!(first, second);
}

#[test]
fn inference_and_a_rate_of_0_change_no_bit() {
    let x = batch(1, |entry| (entry as f32).exp());
    assert_eq!(Dropout { rate: 0.9 }.forward(x.clone()).as_vec(), x.as_vec());
    assert_eq!(Dropout { rate: 0.0 }.forward_mut(x.leaky_trace()).as_vec(), x.as_vec());
    let Constant(y) = Dropout { rate: 0.0 }.forward_mut(Constant(x.leaky_trace()));
    assert_eq!(y.as_vec(), x.as_vec());
}

type Network = (DropoutHidden<4, 8>, (Dropout, Linear<8, 2>));

fn trained(rate: f32, seed: u64) -> Vec<f32> {
    let mut network: Network = build(1);
    (network.0.0.rate, network.1.0.rate) = (rate, rate);
    let pixels: Vec<u8> = (0..400_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let labels = pixels.chunks(4).map(|row| u8::from(row[0] > row[1])).collect();
    let data = Dataset::<4>::from_pixels(pixels, labels, 2);
    let [batch_size, epochs] = [16, 3].map(|number| NonZeroUsize::new(number).unwrap());
    let settings =
        Recipe { learning_rate: 0.01, batch_size, ema_decay: None, epochs, patience: epochs, ..Recipe::DEEP_NET }
            .seeded(seed);
    let fitted = fit(network, &data, &data, &settings, None, &mut Unattended).unwrap();
    export_tensors(&fitted.network).into_iter().flat_map(|tensor| tensor.values).collect()
}

#[test]
fn a_seed_trains_to_the_same_bits_and_dropout_matters() {
    assert_eq!(trained(0.3, 5), trained(0.3, 5));
    assert_ne!(trained(0.3, 5), trained(0.3, 6));
    assert_ne!(trained(0.3, 5), trained(0.0, 5));
}
