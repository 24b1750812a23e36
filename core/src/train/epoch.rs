//! One epoch of training.

use std::time::{Duration, Instant};

use dfdx::prelude::*;
use rand::RngCore;
use rand_chacha::ChaCha8Rng;

use super::{Epoch, Recipe, Task, TrainingState};
use crate::nets::{BatchLoss, Parameters, Tally};

/// Trains a network for one epoch on newly drawn examples, evaluates it, and keeps the weights if they are the best so far.
///
/// Returns how long the training took, without the evaluation. A loss that is no longer finite ends the epoch at once; it
/// is then the epoch's validation loss, too.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn train_epoch<M: Parameters, T: Task<M>>(
    task: &T,
    recipe: &Recipe,
    state: &mut TrainingState<M>,
) -> Result<Duration, CpuError> {
    let started = Instant::now();
    let training = task.train(state, recipe)?;
    let duration = started.elapsed();
    let mut epoch = Epoch {
        training_loss: training.loss(),
        training_accuracy: training.accuracy(),
        validation_loss: training.loss(),
        validation_accuracy: 0.0,
    };
    if training.loss().is_finite() {
        state.any().copy_statistics();
        let figures = task.evaluate(state.evaluated())?;
        epoch.validation_loss = figures.loss;
        epoch.validation_accuracy = figures.accuracy();
    }
    state.any().add_epoch(epoch);
    Ok(duration)
}

/// Trains for one epoch on newly drawn examples, a step per batch on dfdx's tape, up to a batch whose loss is not finite.
pub(super) fn train_on_tape<M: Parameters, T: Task<M> + ?Sized>(
    task: &T,
    state: &mut TrainingState<M>,
    recipe: &Recipe,
) -> Result<Tally, CpuError> {
    let device = Cpu::seed_from_u64(seed_of_dropout(&state.rng));
    let batch_size = recipe.batch_size.get();
    let examples = task.draw_epoch(batch_size, &mut state.rng);
    state.optimizer.set_learning_rate(recipe.learning_rate_after(state.history.len()));
    let mut gradients = state.network.try_alloc_grads()?;
    let mut tally = Tally::default();
    for batch in examples.chunks(batch_size) {
        let BatchLoss { loss, correct } = task.loss(&mut state.network, batch, &device, gradients)?;
        let loss_sum = f64::from(loss.array()) * batch.len() as f64;
        tally += Tally { loss_sum, correct, count: batch.len() };
        if !loss_sum.is_finite() {
            break;
        }
        gradients = loss.try_backward()?;
        state.optimizer.update(&mut state.network, &mut gradients)?;
        state.network.try_zero_grads(&mut gradients)?;
        if let (Some(average), Some(decay)) = (&mut state.average, recipe.ema_decay) {
            average.try_ema(&state.network, corrected_decay(decay, state.optimizer.steps()))?;
        }
    }
    Ok(tally)
}

/// Draws what an epoch's dropout is drawn from, in a stream of its own: the order of the rows is the same without dropout.
pub(super) fn seed_of_dropout(rng: &ChaCha8Rng) -> u64 {
    let mut stream = rng.clone();
    stream.set_stream(1);
    stream.next_u64()
}

/// Returns the decay that makes the average after `steps` steps a weighted mean of the weights after each of them, `decay`
/// times as much weight on each as on the next: the initial weights have no part in it.
///
/// It is `decay` with the correction that Adam makes for its moments' start from zero, (1 - decay^(t-1)) / (1 - decay^t).
pub(super) fn corrected_decay(decay: f32, steps: i32) -> f64 {
    let decay = f64::from(decay);
    decay * (1.0 - decay.powi(steps - 1)) / (1.0 - decay.powi(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_the_weighted_mean_of_the_weights_after_each_step() {
        let weights = [3.0, -1.0, 4.0, 1.5, -9.0_f64];
        let decay = 0.8_f32;
        // The initial weights, here 1000, must have no part in it.
        let mut average = 1000.0;
        for (step, weight) in (1..).zip(weights) {
            let keep = corrected_decay(decay, step);
            average = keep * average + (1.0 - keep) * weight;
        }
        let powers = [4, 3, 2, 1, 0].map(|age| f64::from(decay).powi(age));
        let expected: f64 = powers.iter().zip(weights).map(|(power, weight)| power * weight).sum();
        assert!((average - expected / powers.iter().sum::<f64>()).abs() < 1e-12);
    }
}
