//! Parameters, and what an optimizer does to them.

use std::ops::Range;

use ch11_kernels::{Buffer, Step, Strided};

use super::plan::Op;

/// Some parameters, with the optimizer's state and the moving average of each.
#[derive(Debug, Default)]
pub(super) struct ParameterBuffers {
    pub(super) values: Buffer,
    /// Adam's first and second moments, or Nesterov's velocities and nothing.
    optimizer_state: [Buffer; 2],
    average: Buffer,
}

/// What one step does to parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Update {
    pub(crate) step: Step,
    /// The decay of the moving average, if there is one.
    pub(crate) average_decay: Option<f32>,
}

/// The parameters of a whole network with the state of its optimizer, tensor after tensor, as the rest of the program
/// has them.
#[derive(Debug)]
pub(crate) struct FlatParameters<'a> {
    pub(crate) values: &'a mut [f32],
    /// The moving average of the values; empty if there is none.
    pub(crate) average: &'a mut [f32],
    /// The optimizer's state of the parameters that it changes: Adam's first and second moments, or Nesterov's
    /// velocities and nothing.
    pub(crate) optimizer_state: [&'a mut [f32]; 2],
}

impl FlatParameters<'_> {
    /// Lends those of a part of the network: some of the values, and some of those that an optimizer changes.
    pub(super) fn part(&mut self, values: Range<usize>, trainable: Range<usize>) -> FlatParameters<'_> {
        let Self { values: all, average, optimizer_state } = self;
        FlatParameters {
            values: &mut all[values.clone()],
            average: average.get_mut(values).unwrap_or_default(),
            optimizer_state: optimizer_state
                .each_mut()
                .map(|state| state.get_mut(trainable.clone()).unwrap_or_default()),
        }
    }
}

impl ParameterBuffers {
    /// Makes `length` parameters, all 0; those that do not learn have neither an optimizer's state nor an average.
    pub(super) fn new(length: usize, learns: bool, averages: bool) -> Self {
        let zeros = |wanted: bool| Buffer::zeros(if wanted { length } else { 0 });
        Self { values: zeros(true), optimizer_state: [learns, learns].map(zeros), average: zeros(learns && averages) }
    }

    /// Pairs each buffer with the tensors of `op` in the whole network, from number `start` of theirs on.
    pub(super) fn beside<'a>(
        &'a mut self,
        whole: &'a mut FlatParameters<'_>,
        op: Op,
        start: usize,
    ) -> impl Iterator<Item = (&'a mut [f32], &'a mut [f32])> {
        let ([own_first, own_second], [first, second]) = (&mut self.optimizer_state, &mut whole.optimizer_state);
        let pairs = [
            (&mut self.values, &mut *whole.values, op.values),
            (&mut self.average, &mut *whole.average, op.values),
            (own_first, &mut **first, op.trainable),
            (own_second, &mut **second, op.trainable),
        ];
        let present = pairs.into_iter().filter(|(own, whole, _)| !own.is_empty() && !whole.is_empty());
        present.map(move |(own, whole, first)| (&mut **own, &mut whole[first + start..]))
    }

    /// Takes a step against `gradient`, that of the parameters in `at`, of which every row has so many columns.
    pub(super) fn update(&mut self, at: Range<usize>, columns: Strided, gradient: &[f32], update: Update) {
        let values = &mut self.values[at.clone()];
        let state = self.optimizer_state.each_mut().map(|state| state.get_mut(at.clone()).unwrap_or_default());
        match update.average_decay {
            None => update.step.take(columns, values, gradient, state),
            Some(decay) => update.step.take_averaged(columns, values, gradient, state, decay, &mut self.average[at]),
        }
    }
}
