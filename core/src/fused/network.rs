//! A network whose passes and steps are fused.

use ch11_kernels::Team;
use dfdx::prelude::Cpu;
use dfdx::tensor::RandomU64;

use super::batch_shard::BatchShard;
use super::norm::Norm;
use super::parameter_shard::ParameterShard;
use super::parameters::{FlatParameters, Update};
use super::passes::Shared;
use super::plan::{Kind, Op, Plan};
use crate::data::Dataset;
use crate::nets::{AnyNetwork, Layer, Tally, copy_out};

/// The most blocks that a batch is dealt out in. Threads take whole blocks.
const BLOCKS: usize = 16;
/// A batch of fewer multiply-adds forward is not worth a second thread, nor is a dataset of fewer: a thread has to
/// start first.
const BATCH_WORTH_SHARING: usize = 500_000;
const DATA_WORTH_SHARING: usize = 200_000_000;

/// The layers of a network, planned, with all buffers for passes and steps. Made once for many of them.
#[derive(Debug)]
pub(crate) struct FusedNetwork {
    plan: Plan,
    team: Team,
    shards: Vec<BatchShard>,
    parameters: Vec<ParameterShard>,
    norms: Vec<Norm>,
    /// The first linear layer, if the zeros of its input are left out.
    sparse: Option<Op>,
    /// The seed of each dropout; by operation.
    seeds: Vec<u64>,
    /// The rows of the batch in hand, and of each block of it.
    batch: usize,
    block: usize,
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

    /// Plans a network for inference on these data, on at most `threads` threads. Its layers are frozen for that: batch
    /// normalisation uses its running statistics, and dropout drops nothing.
    pub(crate) fn for_inference<const D: usize>(
        (network, layers): (&dyn AnyNetwork, Vec<Layer>),
        data: &Dataset<D>,
        batch_size: usize,
        threads: usize,
    ) -> Self {
        let mut fused = Self::new(&[Layer::Frozen(layers)], data, batch_size, threads, false);
        let mut values = copy_out(network);
        fused.load(&mut FlatParameters { values: &mut values, average: &mut [], optimizer_state: [&mut [], &mut []] });
        fused
    }

    /// Returns how many threads there are.
    #[cfg(test)]
    pub(crate) fn threads(&self) -> usize {
        self.team.members()
    }

    pub(super) fn with_team<const D: usize>(
        layers: &[Layer],
        data: &Dataset<D>,
        batch_size: usize,
        threads: usize,
        averages: bool,
    ) -> Self {
        let plan = Plan::new(layers, D);
        let batch_size = batch_size.min(data.len());
        let team = Team::new(threads.clamp(1, BLOCKS), dfdx::flush_denormals_to_zero);
        let members = team.members();
        let sparse = data.has_pixels() && plan.takes_sparse_rows() && batch_size < usize::from(u16::MAX);
        let split = plan.split(members, sparse);
        let rows = (batch_size.div_ceil(BLOCKS) * BLOCKS.div_ceil(members)).min(batch_size);
        Self {
            shards: (0..members).map(|_| BatchShard::new(&plan, rows, sparse)).collect(),
            parameters: (0..members)
                .map(|member| ParameterShard::new(&plan, &split, member, sparse.then_some(batch_size), averages))
                .collect(),
            norms: plan.ops.iter().filter_map(|&op| Norm::new(op)).collect(),
            sparse: plan.first_linear().filter(|_| sparse),
            seeds: vec![0; plan.ops.len()],
            plan,
            team,
            batch: 0,
            block: 0,
        }
    }

    /// Copies the parameters in.
    pub(crate) fn load(&mut self, whole: &mut FlatParameters<'_>) {
        self.parameters.iter_mut().for_each(|shard| shard.load(whole));
        self.norms.iter_mut().for_each(|norm| norm.load(whole.values));
    }

    /// Copies the parameters out.
    pub(crate) fn store(&mut self, whole: &mut FlatParameters<'_>) {
        self.parameters.iter_mut().for_each(|shard| shard.store(whole));
        self.norms.iter().for_each(|norm| norm.store(whole.values));
    }

    /// Computes the loss of each row of a batch and, backwards, all gradients; returns the losses and the correct
    /// answers. Dropout is drawn from `device`.
    pub(crate) fn forward_backward<const D: usize>(
        &mut self,
        data: &Dataset<D>,
        batch: &[usize],
        device: &Cpu,
    ) -> Tally {
        for op in self.plan.ops.iter().filter(|op| matches!(op.kind, Kind::Dropout { .. })) {
            self.seeds[op.number] = device.random_u64();
        }
        let first = self.enter(data, batch);
        let next = self.forward_to_the_last_norm(first);
        self.forward_to_the_loss_and_back(next);
        self.backward_through_norms();
        Tally {
            loss_sum: self.shards.iter().flat_map(|shard| &shard.losses).sum(),
            correct: self.shards.iter().map(|shard| shard.correct).sum(),
            count: batch.len(),
        }
    }

    /// Computes the logits of each row of a batch: `(batch, classes)`, row after row.
    pub(crate) fn logits<const D: usize>(
        &mut self,
        data: &Dataset<D>,
        batch: &[usize],
    ) -> impl Iterator<Item = &[f32]> {
        let first = self.enter(data, batch);
        let (team, shards, shared) = self.parts();
        team.run(shards, |shard| shard.forward(first..shared.plan.ops.len(), shared));
        shards.iter().flat_map(|shard| shard.outputs(shared.plan))
    }

    /// Takes a step against the gradients of the last pass.
    pub(crate) fn update(&mut self, update: Update) {
        let Self { team, shards, parameters, norms, .. } = self;
        team.run(parameters, |shard| shard.update(shards, norms, update));
    }

    /// Takes the rows of a batch and goes forward to the first linear layer, and through it if the zeros of its input
    /// are left out: each thread then computes some outputs of all rows. Returns the number of the operation to go on
    /// with.
    fn enter<const D: usize>(&mut self, data: &Dataset<D>, batch: &[usize]) -> usize {
        self.deal(batch.len());
        let first = self.sparse.map_or(0, |op| op.number);
        let (team, shards, shared) = self.parts();
        team.run(shards, |shard| {
            shard.take(data, batch);
            shard.forward(0..first, shared);
        });
        if self.sparse.is_some() {
            let Self { team, shards, parameters, .. } = self;
            team.run(parameters, |shard| shard.first.iter_mut().for_each(|first| first.forward(shards)));
        }
        first
    }

    /// Deals the rows of a batch out to the threads, in whole blocks.
    fn deal(&mut self, batch: usize) {
        let block = batch.div_ceil(BLOCKS).max(1);
        let (blocks, members) = (batch.div_ceil(block), self.shards.len());
        for (member, shard) in self.shards.iter_mut().enumerate() {
            let bound = |member: usize| (member * blocks / members * block).min(batch);
            shard.rows = bound(member)..bound(member + 1);
        }
        (self.batch, self.block) = (batch, block);
    }

    /// Goes forward from an operation to the last batch normalisation that learns, with a stop before each one: it
    /// needs the statistics of all rows. Returns the number of the operation to go on with.
    fn forward_to_the_last_norm(&mut self, mut next: usize) -> usize {
        for index in 0..self.norms.len() {
            if !self.norms[index].learns() {
                continue;
            }
            let (team, shards, shared) = self.parts();
            let norm = &shared.norms[index];
            team.run(shards, |shard| {
                shard.forward(next..norm.op.number, shared);
                shard.measure(norm, shared);
            });
            next = norm.op.number;
            self.norms[index].combine(&self.shards, self.batch);
        }
        next
    }

    /// Goes forward from an operation to the loss, and back to the last batch normalisation that learns.
    fn forward_to_the_loss_and_back(&mut self, next: usize) {
        let (team, shards, shared) = self.parts();
        let (end, last) = (shared.plan.ops.len(), last_learning(shared.norms));
        team.run(shards, |shard| {
            shard.forward(next..end, shared);
            shard.cross_entropy(shared);
            shard.backward_to(last, end, shared);
        });
    }

    /// Goes back through each batch normalisation that learns, the last one first, and to the one before it or to the
    /// inputs.
    fn backward_through_norms(&mut self) {
        for index in (0..self.norms.len()).rev() {
            if !self.norms[index].learns() {
                continue;
            }
            self.norms[index].combine_gradient(&self.shards);
            let (team, shards, shared) = self.parts();
            let (norm, before) = (&shared.norms[index], last_learning(&shared.norms[..index]));
            team.run(shards, |shard| {
                shard.normalise_backward(norm, shared);
                shard.backward_to(before, norm.op.number, shared);
            });
        }
    }

    /// Lends the team, the rows of each thread, and what all threads read.
    fn parts(&mut self) -> (&mut Team, &mut [BatchShard], Shared<'_>) {
        let Self { plan, team, shards, parameters, norms, seeds, batch, block, .. } = self;
        (team, shards, Shared { plan, parameters, norms, seeds, batch: *batch, block: *block })
    }
}

fn last_learning(norms: &[Norm]) -> Option<&Norm> {
    norms.iter().rfind(|norm| norm.learns())
}
