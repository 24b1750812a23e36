//! One epoch of training a classifier without a tape.

use dfdx::prelude::*;

use super::average::corrected_decay;
use super::random::{dropout_device, shuffled};
use super::state::AnyState;
use super::{Optimizer, Recipe};
use crate::data::Dataset;
use crate::fused::{FlatParameters, FusedNetwork, Update};
use crate::nets::{Layer, Tally, copy_in, copy_out};

/// Trains a network of these layers for one epoch: the same steps as on a tape, rounded differently, and much faster.
///
/// Stops at a batch whose loss is not finite. Returns the losses and the correct answers of all batches so far.
pub(super) fn train_fused<const D: usize>(
    layers: &[Layer],
    state: AnyState<'_>,
    recipe: &Recipe,
    data: &Dataset<D>,
    threads: usize,
) -> Tally {
    let AnyState { network, mut average, optimizer, rng, history, .. } = state;
    let dropout = dropout_device(rng);
    let rows = shuffled(data.len(), rng);
    optimizer.set_learning_rate(recipe.learning_rate_after(history.len()));

    let mut fused = FusedNetwork::new(layers, data, recipe.batch_size.get(), threads, average.is_some());
    let mut values = copy_out(network);
    let mut averages = average.as_deref().map(copy_out).unwrap_or_default();
    fused.load(&mut FlatParameters { values: &mut values, average: &mut averages, optimizer_state: optimizer.state() });
    let tally = take_steps(&mut fused, optimizer, recipe, (data, &rows), &dropout);
    fused.store(&mut FlatParameters {
        values: &mut values,
        average: &mut averages,
        optimizer_state: optimizer.state(),
    });
    copy_in(network, &values);
    if let Some(average) = &mut average {
        copy_in(*average, &averages);
    }
    tally
}

/// Takes a step for each batch of `rows`; stops at one whose loss is not finite.
fn take_steps<const D: usize>(
    fused: &mut FusedNetwork,
    optimizer: &mut Optimizer,
    recipe: &Recipe,
    (data, rows): (&Dataset<D>, &[usize]),
    dropout: &Cpu,
) -> Tally {
    let mut tally = Tally::default();
    for batch in rows.chunks(recipe.batch_size.get()) {
        tally += fused.forward_backward(data, batch, dropout);
        if !tally.loss_sum.is_finite() {
            break;
        }
        let step = optimizer.next_step();
        let average_decay = recipe.ema_decay.map(|decay| corrected_decay(decay, optimizer.steps()) as f32);
        fused.update(data, batch, Update { step, average_decay });
    }
    tally
}
