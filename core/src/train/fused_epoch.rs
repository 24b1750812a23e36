//! One epoch of training without a tape.

use dfdx::prelude::*;

use super::average::corrected_decay;
use super::state::AnyState;
use super::{Optimizer, Recipe};
use crate::fused::{FlatParameters, FusedTask, Update};
use crate::nets::{Tally, copy_in, copy_out};

/// Trains a network for one epoch on these examples: the same steps as on a tape, rounded differently, and much faster.
///
/// Stops at a batch whose loss is not finite. Returns the losses and the correct answers of all batches so far.
pub(super) fn train_fused<Example>(
    fused: &mut dyn FusedTask<Example>,
    state: AnyState<'_>,
    recipe: &Recipe,
    examples: &[Example],
    dropout: &Cpu,
) -> Tally {
    let AnyState { network, mut average, optimizer, history, .. } = state;
    optimizer.set_learning_rate(recipe.learning_rate_after(history));
    let mut values = copy_out(network);
    let mut averages = average.as_deref().map(copy_out).unwrap_or_default();
    fused.load(&mut FlatParameters { values: &mut values, average: &mut averages, optimizer_state: optimizer.state() });
    let tally = take_steps(fused, optimizer, recipe, examples, dropout);
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

/// Takes a step for each batch of examples; stops at one whose loss is not finite.
fn take_steps<Example>(
    fused: &mut dyn FusedTask<Example>,
    optimizer: &mut Optimizer,
    recipe: &Recipe,
    examples: &[Example],
    dropout: &Cpu,
) -> Tally {
    let batch_size = recipe.batch_size.get();
    let mut tally = Tally::default();
    for upcoming in examples.chunks(batch_size.saturating_mul(fused.batches_ahead(batch_size))) {
        fused.prepare(upcoming, batch_size);
        for batch in upcoming.chunks(batch_size) {
            tally += fused.forward_backward(batch, dropout);
            if !tally.loss_sum.is_finite() {
                return tally;
            }
            let step = optimizer.next_step();
            let average_decay = recipe.ema_decay.map(|decay| corrected_decay(decay, optimizer.steps()) as f32);
            fused.update(batch, Update { step, average_decay });
        }
    }
    tally
}
