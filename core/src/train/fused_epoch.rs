//! An epoch of a classifier without a tape.

use dfdx::prelude::Cpu;

use super::trainer::corrected_decay;
use super::{Optimizer, Settings};
use crate::data::Dataset;
use crate::fused::{Machine, Tensors, Update};
use crate::nets::{Parameters, Sequential, Tally, copy_in, copy_out};

/// Trains on `rows` of the data in batches, in that order; the same steps as on a tape, with other roundings, and much faster.
///
/// Ends before the step of a batch whose loss is not finite. Returns what came of all batches until then.
pub(super) fn train_fused<M: Parameters + Sequential, const D: usize>(
    network: &mut M,
    average: Option<&mut M>,
    optimizer: &mut Optimizer,
    settings: &Settings,
    (data, rows): (&Dataset<D>, &[usize]),
    (dropout, threads): (&Cpu, usize),
) -> Tally {
    let mut machine = Machine::new(&network.layers(), data, settings.batch_size.get(), threads, average.is_some());
    let mut values = copy_out(network);
    let mut averages = average.as_deref().map(copy_out).unwrap_or_default();
    machine.load(&mut Tensors { values: &mut values, average: &mut averages, kept: optimizer.kept() });
    let tally = take_steps(&mut machine, optimizer, settings, (data, rows), dropout);
    machine.store(&mut Tensors { values: &mut values, average: &mut averages, kept: optimizer.kept() });
    copy_in(network, &values);
    if let Some(average) = average {
        copy_in(average, &averages);
    }
    tally
}

/// Takes a step for each batch of `rows`, up to one whose loss is not finite.
fn take_steps<const D: usize>(
    machine: &mut Machine,
    optimizer: &mut Optimizer,
    settings: &Settings,
    (data, rows): (&Dataset<D>, &[usize]),
    dropout: &Cpu,
) -> Tally {
    let mut tally = Tally::default();
    for batch in rows.chunks(settings.batch_size.get()) {
        tally += machine.pass(data, batch, dropout);
        if !tally.loss_sum.is_finite() {
            break;
        }
        let step = optimizer.next_step();
        let keep = settings.averaging.map(|decay| corrected_decay(decay, optimizer.steps()) as f32);
        machine.update(Update { step, keep_of_average: keep });
    }
    tally
}
