//! A network whose passes and steps are fused.

use ch11_kernels::Team;
use dfdx::prelude::Cpu;
use dfdx::tensor::RandomU64;

use super::parameter_shard::ParameterShard;
use super::parameters::{FlatParameters, Update};
use super::plan::{Kind, MOST_MEMBERS, Plan, Stage};
use super::rows::{Batch, PixelSource, RowShard};
use super::stage_shard::{Shared, StageShard};
use crate::data::Dataset;
use crate::nets::{Layer, Tally};

/// A batch of fewer multiply-adds forward is not worth a second thread, nor is a dataset of fewer: a thread has to
/// start first.
const BATCH_WORTH_SHARING: usize = 500_000;
const DATA_WORTH_SHARING: usize = 200_000_000;

/// The layers of a network, planned, with all buffers for passes and steps. Made once for many of them.
#[derive(Debug)]
pub(crate) struct FusedNetwork {
    plan: Plan,
    team: Team,
    /// Each member's share of the rows of a batch.
    inputs: Vec<RowShard>,
    /// Where pixels come from, if their zeros are left out.
    source: Option<PixelSource>,
    /// By stage, each member's share of its features.
    stages: Vec<Vec<StageShard>>,
    /// Each member's share of the parameters.
    parameters: Vec<ParameterShard>,
    /// The seed of each dropout; by operation.
    seeds: Vec<u64>,
    /// The labels of the batch in hand.
    labels: Vec<u8>,
}

impl FusedNetwork {
    /// Plans `layers` for training on batches of at most `batch_size` of these data, on at most `threads` threads.
    pub(crate) fn new<const D: usize>(
        layers: &[Layer],
        data: &Dataset<D>,
        batch_size: usize,
        threads: usize,
        averages: bool,
    ) -> Self {
        let of_row = Plan::new(layers, D).multiply_adds();
        let is_worth =
            batch_size.min(data.len()) * of_row >= BATCH_WORTH_SHARING && data.len() * of_row >= DATA_WORTH_SHARING;
        Self::with_team(layers, data, batch_size, if is_worth { threads } else { 1 }, averages)
    }

    /// Plans layers with these values for inference on these data, on one thread. The layers are frozen for that: batch
    /// normalisation uses its running statistics, and dropout drops nothing.
    pub(crate) fn for_inference<const D: usize>(
        layers: &[Layer],
        values: &mut [f32],
        data: &Dataset<D>,
        batch_size: usize,
    ) -> Self {
        let mut fused = Self::with_team(&[Layer::Frozen(layers.to_vec())], data, batch_size, 1, false);
        fused.load(&mut FlatParameters { values, average: &mut [], optimizer_state: [&mut [], &mut []] });
        fused
    }

    pub(super) fn with_team<const D: usize>(
        layers: &[Layer],
        data: &Dataset<D>,
        batch_size: usize,
        threads: usize,
        averages: bool,
    ) -> Self {
        let (plan, batch_size) = (Plan::new(layers, D), batch_size.min(data.len()));
        let sparse = data.has_pixels() && plan.takes_sparse_rows();
        Self::planned(plan, sparse, batch_size, threads, averages)
    }

    /// Makes room for batches of at most `batch_size` rows; `sparse` tells whether the zeros of the input are left out.
    pub(super) fn planned(plan: Plan, sparse: bool, batch_size: usize, threads: usize, averages: bool) -> Self {
        let team = Team::new(threads.clamp(1, MOST_MEMBERS), dfdx::flush_denormals_to_zero);
        let members = team.members();
        let shards = plan.stages.iter().map(|stage| -> Vec<StageShard> {
            let is_last = stage.number == plan.last().number;
            let share = |own| if is_last { 0..stage.width } else { own };
            let is_empty = sparse && stage.number == 0;
            stage.shares(members).map(|own| StageShard::new(&plan, stage, share(own), batch_size, is_empty)).collect()
        });
        Self {
            inputs: (0..members).map(|_| RowShard::default()).collect(),
            source: sparse.then(|| PixelSource::new(&plan.stages[0], batch_size)),
            stages: shards.collect(),
            parameters: (0..members).map(|member| ParameterShard::new(&plan, member, members, averages)).collect(),
            seeds: vec![0; plan.ops],
            labels: Vec::with_capacity(batch_size),
            plan,
            team,
        }
    }

    /// Copies the parameters in.
    pub(crate) fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.parameters.iter_mut().for_each(|shard| shard.load(whole));
        self.stages.iter_mut().flatten().for_each(|shard| shard.load(whole.values));
    }

    /// Copies the parameters out.
    pub(crate) fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.parameters.iter_mut().for_each(|shard| shard.store(whole));
        self.stages.iter().flatten().for_each(|shard| shard.store(whole.values));
    }

    /// Computes the loss of each row of a batch and, backwards, all gradients; returns the losses and the correct
    /// answers. Dropout is drawn from `device`.
    pub(crate) fn forward_backward(&mut self, batch: Batch<'_>, device: &Cpu) -> Tally {
        self.draw_seeds(device);
        self.take(batch);
        self.forward(batch, StageShard::cross_entropy);
        self.backward(batch);
        self.tally()
    }

    /// Returns the losses and the correct answers of the last pass.
    pub(super) fn tally(&self) -> Tally {
        self.stages[self.plan.last().number][0].tally
    }

    /// Computes the logits of each row of a batch, and calls `each` with them, in order.
    pub(crate) fn logits(&mut self, batch: Batch<'_>, each: impl FnMut(&mut [f32])) {
        self.take(batch);
        self.forward(batch, |_, _, _, _| {});
        self.stages[self.plan.last().number][0].logits(batch.rows.len()).for_each(each);
    }

    /// Takes a step against the gradients of the last pass, of these rows.
    pub(crate) fn update(&mut self, batch: Batch<'_>, update: Update) {
        let Self { team, source, stages, parameters, .. } = self;
        let pixels = source.as_ref().and_then(|source| source.pixels(batch));
        team.run(parameters, |member, shard| shard.update(member, (stages, pixels), batch.rows.len(), update));
    }

    /// Returns how many threads share its work.
    pub(super) fn members(&self) -> usize {
        self.team.members()
    }

    /// Has its threads do other work: one task each.
    pub(super) fn share<T: Send>(&mut self, tasks: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
        self.team.run(tasks, work);
    }

    /// Draws the seed of each dropout from `device`.
    pub(super) fn draw_seeds(&mut self, device: &Cpu) {
        for op in self.plan.all_ops().filter(|op| matches!(op.kind, Kind::Dropout { .. })) {
            self.seeds[op.number] = device.random_u64();
        }
    }

    /// Takes a batch out of its source, and draws its dropout.
    pub(super) fn take(&mut self, batch: Batch<'_>) {
        let Self { plan, team, inputs, seeds, .. } = self;
        self.labels.clear();
        self.labels.extend(batch.rows.iter().map(|&row| batch.source.label(row)));
        if plan.all_ops().any(|op| matches!(op.kind, Kind::Dropout { .. })) {
            let (rows, members) = (batch.rows.len(), inputs.len());
            for (member, input) in inputs.iter_mut().enumerate() {
                input.rows = rows * member / members..rows * (member + 1) / members;
            }
            team.run(inputs, |_, input| input.draw(plan, seeds));
        }
        match &mut self.source {
            Some(source) => source.take(batch, &self.inputs),
            None => {
                let (team, stages, shared) = self.parts(batch);
                team.run(&mut stages[0], |member, shard| shard.take(member, batch, shared));
            }
        }
    }

    /// Goes forward stage by stage, since a linear layer needs all members' features of the stage before; calls `then`
    /// on the last one.
    pub(super) fn forward(
        &mut self,
        batch: Batch<'_>,
        then: impl Fn(&mut StageShard, &Stage, usize, Shared<'_>) + Sync,
    ) {
        let (team, stages, shared) = self.parts(batch);
        for stage in &shared.plan.stages[1..] {
            let (before, after) = stages.split_at_mut(stage.number);
            let before = &before[stage.number - 1];
            team.run(&mut after[0], |member, shard| {
                shard.forward(stage, member, before, shared);
                if stage.number == shared.plan.last().number {
                    then(shard, stage, member, shared);
                }
            });
        }
    }

    /// Goes back from the last stage to the first one that learns.
    pub(super) fn backward(&mut self, batch: Batch<'_>) {
        let (team, stages, shared) = self.parts(batch);
        for pair in shared.plan.stages.windows(2).rev() {
            let [stage, next] = pair else { continue };
            if next.linear().is_some_and(|op| shared.plan.passes_gradient(op)) {
                let (before, after) = stages.split_at_mut(next.number);
                let after = &after[0];
                team.run(&mut before[stage.number], |member, shard| shard.backward(stage, member, after, shared));
            }
        }
    }

    /// Goes back from the gradient of the last stage's output, row by row.
    pub(super) fn backward_from<'a>(&mut self, batch: Batch<'_>, gradient: impl Iterator<Item = &'a [f32]>) {
        let (_, stages, shared) = self.parts(batch);
        let last = shared.plan.last();
        stages[last.number][0].take_gradient(gradient, last, 0, shared);
        self.backward(batch);
    }

    /// Returns how many features the output has.
    pub(super) fn width(&self) -> usize {
        self.plan.last().width
    }

    /// Returns how many values the network has, and how many of them learn.
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.plan.values, self.plan.trainable)
    }

    /// Returns the output for a row of the batch.
    pub(super) fn output(&self, row: usize) -> &[f32] {
        self.stages[self.plan.last().number][0].output_of(row)
    }

    /// Returns the gradient of the input for each row of so many.
    pub(super) fn input_gradients(&self, rows: usize) -> impl Iterator<Item = &[f32]> {
        self.stages[0][0].delta_rows(rows)
    }

    /// Lends the team, each member's share of the stages, and what all read of a batch that was taken.
    fn parts<'a>(&'a mut self, batch: Batch<'a>) -> (&'a mut Team, &'a mut [Vec<StageShard>], Shared<'a>) {
        let Self { plan, team, inputs, source, stages, parameters, labels, .. } = self;
        let pixels = source.as_ref().and_then(|source| source.pixels(batch));
        (team, stages, Shared { plan, parameters, inputs, pixels, labels })
    }
}
