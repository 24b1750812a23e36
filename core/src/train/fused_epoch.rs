//! An epoch of a classifier without a tape.

use dfdx::prelude::*;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::epoch::{corrected_decay, seed_of_dropout};
use super::state::AnyState;
use super::{Optimizer, Recipe};
use crate::data::Dataset;
use crate::fused::{Machine, Tensors, Update};
use crate::nets::{Layer, Tally, copy_in, copy_out};

/// Draws the order of the rows in an epoch.
pub(super) fn shuffled(rows: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(rng);
    order
}

/// Trains a network of these layers for an epoch: the same steps as on a tape, with other roundings, and much faster.
///
/// Ends before the step of a batch whose loss is not finite. Returns what came of all batches until then.
pub(super) fn train_fused<const D: usize>(
    layers: &[Layer],
    state: AnyState<'_>,
    recipe: &Recipe,
    data: &Dataset<D>,
    threads: usize,
) -> Tally {
    let AnyState { network, mut average, optimizer, rng, history, .. } = state;
    let dropout = Cpu::seed_from_u64(seed_of_dropout(rng));
    let rows = shuffled(data.len(), rng);
    optimizer.set_learning_rate(recipe.learning_rate_after(history.len()));

    let mut machine = Machine::new(layers, data, recipe.batch_size.get(), threads, average.is_some());
    let mut values = copy_out(network);
    let mut averages = average.as_deref().map(copy_out).unwrap_or_default();
    machine.load(&mut Tensors { values: &mut values, average: &mut averages, kept: optimizer.kept() });
    let tally = take_steps(&mut machine, optimizer, recipe, (data, &rows), &dropout);
    machine.store(&mut Tensors { values: &mut values, average: &mut averages, kept: optimizer.kept() });
    copy_in(network, &values);
    if let Some(average) = &mut average {
        copy_in(*average, &averages);
    }
    tally
}

/// Takes a step for each batch of `rows`, up to one whose loss is not finite.
fn take_steps<const D: usize>(
    machine: &mut Machine,
    optimizer: &mut Optimizer,
    recipe: &Recipe,
    (data, rows): (&Dataset<D>, &[usize]),
    dropout: &Cpu,
) -> Tally {
    let mut tally = Tally::default();
    for batch in rows.chunks(recipe.batch_size.get()) {
        tally += machine.pass(data, batch, dropout);
        if !tally.loss_sum.is_finite() {
            break;
        }
        let step = optimizer.next_step();
        let keep = recipe.ema_decay.map(|decay| corrected_decay(decay, optimizer.steps()) as f32);
        machine.update(Update { step, keep_of_average: keep });
    }
    tally
}
