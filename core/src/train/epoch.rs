//! One epoch of training.

use std::time::{Duration, Instant};

use dfdx::prelude::*;

use super::average::corrected_decay;
use super::random::dropout_device;
use super::{Epoch, Recipe, Task, TrainingState};
use crate::nets::{BatchLoss, Parameters, Tally};

/// Trains a network for one epoch on newly drawn examples, evaluates it, and keeps the weights if they are the best so
/// far.
///
/// Returns how long the training took, without the evaluation. A loss that is not finite ends the epoch at once, and
/// becomes the epoch's validation loss, too.
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
        if let Some(average) = &mut state.average {
            task.measure_statistics(average);
        }
        let figures = task.evaluate(state.evaluated())?;
        epoch.validation_loss = figures.loss;
        epoch.validation_accuracy = figures.accuracy();
    }
    state.any().add_epoch(epoch);
    Ok(duration)
}

/// Trains for one epoch on newly drawn examples, with one step per batch on dfdx's tape; stops at a batch whose loss is
/// not finite.
///
/// Any [`Task`] can be trained this way.
pub fn train_on_tape<M: Parameters, T: Task<M> + ?Sized>(
    task: &T,
    state: &mut TrainingState<M>,
    recipe: &Recipe,
) -> Result<Tally, CpuError> {
    let device = dropout_device(&state.rng);
    let batch_size = recipe.batch_size.get();
    let examples = task.draw_epoch(batch_size, &mut state.rng);
    state.optimizer.set_learning_rate(recipe.learning_rate_after(&state.history));
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
