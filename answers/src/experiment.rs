//! What the experiments share: small digits, a small network, and two ways to train it.

use std::num::NonZeroUsize;

use ch11_core::Result;
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::data::{Dataset, Digits, PIXELS};
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Classifier, Constant, Hidden, Linear, Parameters, cross_entropy};
use ch11_core::train::{
    Classification, Epoch, Recipe, Settings, TrainingState, Unattended, fit, train_epoch, update_parameters,
};
use dfdx::prelude::*;

/// Images in a batch: an epoch of [`digits`] has 40.
const BATCH: usize = 50;

/// Two hidden layers of 50 ELU neurons and ten logits: `(n, 784) -> (n, 10)`.
pub type Network = (Hidden<PIXELS, 50>, Hidden<50, 50>, Linear<50, 10>);

/// Draws 2,000 synthetic digits to train on, 181 for validation and 1,000 to test with; they are the same each time.
pub fn digits() -> Digits {
    DrawnDigits { size: Size { training: 2_181, test: 1_000 }, seed: 42 }.draw()
}

/// Returns settings for [`fit`] that end it after `epochs`, and not before.
pub fn settings(epochs: usize) -> Settings {
    let [batch_size, epochs] = [BATCH, epochs].map(|number| NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN));
    Recipe { learning_rate: 0.003, batch_size, ema_decay: None, epochs, patience: epochs, ..Recipe::DEEP_NET }
        .seeded(42)
}

/// Trains a network with Adam for `epochs` of 40 steps, and returns it as it was after the epoch of lowest validation loss.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn train<M: Classifier<PIXELS, CLASSES>, const CLASSES: usize>(
    network: M,
    digits: &Digits,
    epochs: usize,
) -> Result<M> {
    Ok(fit(network, &digits.train, &digits.validation, &settings(epochs), None, &mut Unattended)?.network)
}

/// Trains a network until its loss on all training digits, taken in inference after each epoch, is below `loss`, and returns the
/// number of epochs; `most`, if the loss is not reached in as many.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn epochs_until<M: Classifier<PIXELS, 10>>(
    network: M,
    train: &Dataset<PIXELS>,
    loss: f64,
    most: usize,
) -> Result<usize> {
    // The second set is the one that is evaluated.
    let task = Classification::<PIXELS, 10>::new(train, train);
    let settings = settings(most);
    let mut state = TrainingState::new(network, &settings);
    let reached = |epoch: &Epoch| epoch.validation_loss < loss;
    while !state.history.last().is_some_and(reached) && state.history.len() < most {
        train_epoch(&task, &settings.recipe, &mut state)?;
    }
    Ok(state.history.len())
}

/// Returns the fraction of the test digits that a network classifies correctly.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn accuracy<M: Classifier<PIXELS, CLASSES>, const CLASSES: usize>(network: &M, digits: &Digits) -> Result<f64> {
    Ok(evaluate(network, &digits.test).accuracy())
}

/// Returns the mean of some numbers, one for each seed, and the standard error of that mean.
///
/// # Example
/// ```
/// use answers::experiment::mean_and_error;
///
/// assert_eq!(mean_and_error(&[1.0, 2.0, 3.0, 2.0]), (2.0, (2.0_f64 / 3.0 / 4.0).sqrt()));
/// ```
pub fn mean_and_error(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

/// Takes `steps` steps with an optimizer of one's own, each on the next 50 images, and returns the loss before each.
///
/// The optimizer is `rule`: it is given a weight's position among all of the network's, the weight and its gradient, and
/// returns the new weight. Plain gradient descent is `|_, weight, gradient| weight - rate * gradient`.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn descend<M: Classifier<PIXELS, CLASSES>, const CLASSES: usize>(
    network: &mut M,
    train: &Dataset<PIXELS>,
    steps: usize,
    mut rule: impl FnMut(usize, f32, f32) -> f32,
) -> Result<Vec<f32>> {
    let device = Cpu::default();
    let rows: Vec<usize> = (0..train.len()).collect();
    let mut losses = Vec::with_capacity(steps);
    for batch in rows.chunks(BATCH).cycle().take(steps) {
        let (x, labels) = train.batch(batch, &device);
        let logits = network.try_forward_mut(Constant(x.leaky_traced()))?;
        let loss = cross_entropy(logits, &labels)?;
        losses.push(loss.array());
        apply(network, &mut loss.try_backward()?, &mut rule)?;
    }
    Ok(losses)
}

/// Replaces every trainable weight by what `rule` makes of it.
fn apply<M: Parameters>(
    network: &mut M,
    gradients: &mut Gradients<f32, Cpu>,
    rule: &mut impl FnMut(usize, f32, f32) -> f32,
) -> Result<(), CpuError> {
    update_parameters(network, gradients, |at, weights, gradients| {
        for ((position, weight), gradient) in at.zip(weights).zip(gradients) {
            *weight = rule(position, *weight, *gradient);
        }
    })
}
