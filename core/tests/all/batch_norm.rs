//! Batch normalisation against finite differences, its own definition, and the layer it is folded into.

use std::num::NonZeroUsize;

use ch11_core::data::Dataset;
use ch11_core::nets::{Batch, BatchNorm, Dropout, Linear, NormalisedHidden, Sequential, build, copy_out, fold};
use ch11_core::train::{Classification, Decay, Recipe, Task, TrainingState, train_epoch};
use dfdx::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const FEATURES: usize = 3;

fn batch<const D: usize>(rows: usize, seed: u64) -> Batch<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..rows * D).map(|_| rng.gen_range(-2.0..3.0)).collect();
    Cpu::default().tensor_from_vec(values, (rows, Const))
}

fn norm() -> BatchNorm<FEATURES> {
    let mut norm: BatchNorm<FEATURES> = build(1);
    norm.scale.copy_from(&[0.5, 1.5, -2.0]);
    norm.shift.copy_from(&[0.1, -0.2, 0.3]);
    norm.running_mean.copy_from(&[0.4, 0.5, 0.6]);
    norm.running_variance.copy_from(&[2.0, 0.5, 1.0]);
    norm
}

/// A loss whose gradient differs from entry to entry: each output times its position, squared.
fn loss_in_double(x: &[f32], scale: &[f32], shift: &[f32]) -> f64 {
    let n = x.len() / FEATURES;
    let column = |feature: usize| x.iter().skip(feature).step_by(FEATURES).map(|&value| f64::from(value));
    let mut loss = 0.0;
    for feature in 0..FEATURES {
        let mean = column(feature).sum::<f64>() / n as f64;
        let variance = column(feature).map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64;
        for (row, value) in column(feature).enumerate() {
            let normalised = (value - mean) / (variance + 1e-3).sqrt();
            let output = normalised * f64::from(scale[feature]) + f64::from(shift[feature]);
            loss += ((row * FEATURES + feature + 1) as f64 * output).powi(2);
        }
    }
    loss / x.len() as f64
}

#[test]
fn gradients_agree_with_finite_differences() {
    let mut norm = norm();
    let x: Batch<FEATURES> = batch(5, 2);
    let positions: Batch<FEATURES> = Cpu::default().tensor_from_vec((1..=15).map(|i| i as f32).collect(), (5, Const));
    let y = norm.forward_mut(x.leaky_trace());
    let loss = (y * positions).square().mean();
    let tensors = [x.as_vec(), norm.scale.as_vec(), norm.shift.as_vec()];
    assert!((f64::from(loss.array()) / loss_in_double(&tensors[0], &tensors[1], &tensors[2]) - 1.0).abs() < 1e-5);
    let gradients = loss.backward();
    let gradients =
        [gradients.get(&x).as_vec(), gradients.get(&norm.scale).as_vec(), gradients.get(&norm.shift).as_vec()];
    for (which, gradient) in gradients.iter().enumerate() {
        for (entry, gradient) in gradient.iter().enumerate() {
            let loss_at = |step: f32| {
                let mut tensors = tensors.clone();
                tensors[which][entry] += step;
                loss_in_double(&tensors[0], &tensors[1], &tensors[2])
            };
            let slope = (loss_at(1e-3) - loss_at(-1e-3)) / 2e-3;
            let error = (f64::from(*gradient) - slope).abs();
            assert!(error < 2e-2 + 1e-3 * slope.abs(), "{which}, {entry}: {gradient}, not {slope}");
        }
    }
}

#[test]
fn running_statistics_follow_the_batches() {
    let mut norm: BatchNorm<1> = build(1);
    let x: Batch<1> = Cpu::default().tensor_from_vec(vec![1.0, 2.0, 6.0], (3, Const));
    let _ = norm.forward_mut(x.leaky_trace());
    // The batch has mean 3 and unbiased variance (4 + 1 + 9) / 2 = 7; 5 % of the way from 0 and from 1.
    assert!((norm.running_mean.array()[0] - 0.15).abs() < 1e-6);
    assert!((norm.running_variance.array()[0] - 1.3).abs() < 1e-6);
}

#[test]
fn a_batch_of_one_is_finite_and_has_a_gradient() {
    let mut norm = norm();
    let before = norm.clone();
    let x: Batch<FEATURES> = batch(1, 3);
    let inferred = norm.forward(x.clone()).as_vec();
    let y = norm.forward_mut(x.leaky_trace());
    for (trained, inferred) in y.as_vec().iter().zip(&inferred) {
        assert!((trained - inferred).abs() < 1e-6, "{trained}, {inferred}");
    }
    assert_eq!(norm.running_mean.array(), before.running_mean.array());
    let gradient = y.sum().backward().get(&x).as_vec();
    let expected = [0.5 / 2.001_f32.sqrt(), 1.5 / 0.501_f32.sqrt(), -2.0 / 1.001_f32.sqrt()];
    for (gradient, expected) in gradient.iter().zip(expected) {
        assert!((gradient - expected).abs() < 1e-6, "{gradient}, not {expected}");
    }
}

#[test]
fn a_folded_layer_infers_the_same() {
    let mut layer: NormalisedHidden<4, FEATURES> = build(5);
    layer.1 = norm();
    let x: Batch<4> = batch(20, 6);
    let expected = layer.forward(x.clone()).as_vec();
    let folded = fold(layer).forward(x).as_vec();
    for (folded, expected) in folded.iter().zip(expected) {
        assert!((folded - expected).abs() < 1e-5, "{folded}, not {expected}");
    }
}

type Averaged = (NormalisedHidden<4, FEATURES>, (Dropout, Linear<FEATURES, 2>));

/// Rows of four features in two classes.
fn rows(count: usize) -> Dataset<4> {
    let features = batch::<4>(count, 8).as_vec();
    Dataset::from_features(features, (0..count).map(|row| (row % 2) as u8).collect(), 2)
}

/// Trains for two epochs, and returns the last weights and the network that is evaluated.
fn trained(averaging: Option<f32>, threads: usize) -> (Averaged, Averaged) {
    let (train, validation) = (rows(300), rows(20));
    let task = Classification::<4, 2>::new(&train, &validation).on_threads(threads);
    let batch_size = NonZeroUsize::new(10).unwrap();
    let recipe =
        Recipe { batch_size, ema_decay: averaging.and_then(Decay::new), learning_rate: 0.01, ..Recipe::DEEP_NET };
    let mut state = TrainingState::new(build::<Averaged>(1), &recipe.seeded(1));
    for _ in 0..2 {
        train_epoch(&task, &recipe, &mut state).unwrap();
    }
    (state.network.clone(), state.evaluated().clone())
}

#[test]
fn averaged_weights_infer_by_statistics_of_their_own() {
    let (last, average) = trained(Some(0.99), 1);
    let inputs =
        average.0.0.forward(Cpu::default().tensor_from_vec(batch::<4>(300, 8).as_vec(), (300, Const))).as_vec();
    for feature in 0..FEATURES {
        let column = || inputs.iter().skip(feature).step_by(FEATURES).map(|&value| f64::from(value));
        let mean = column().sum::<f64>() / 300.0;
        let variance = column().map(|value| (value - mean).powi(2)).sum::<f64>() / 299.0;
        let [own_mean, own_variance] =
            [&average.0.1.running_mean, &average.0.1.running_variance].map(|own| f64::from(own.array()[feature]));
        assert!((own_mean - mean).abs() < 1e-5, "feature {feature}: mean {own_mean}, not {mean}");
        assert!((own_variance / variance - 1.0).abs() < 1e-5, "feature {feature}: {own_variance}, not {variance}");
    }
    assert_ne!(last.0.1.running_mean.array(), average.0.1.running_mean.array(), "the last steps' statistics");
    assert_eq!(copy_out(&average), copy_out(&trained(Some(0.99), 2).1), "the number of threads changed a bit");
    let (last, kept) = trained(None, 1);
    assert_eq!(copy_out(&last), copy_out(&kept), "weights that are not averaged keep the statistics of their steps");
}

#[test]
fn measuring_statistics_twice_changes_no_bit_and_no_weight() {
    let (_, mut network) = trained(Some(0.99), 1);
    let (train, before) = (rows(300), copy_out(&network));
    Classification::<4, 2>::new(&train, &train).measure_statistics(&mut network);
    assert_eq!(copy_out(&network), before);
    assert_eq!(network.layers().len(), 5, "dropout and batch normalisation are as they were");
}
