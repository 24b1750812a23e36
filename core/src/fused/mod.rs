#![doc = include_str!("README.md")]

mod first;
mod norm;
mod part;
mod plan;
mod sparse;
#[cfg(test)]
mod tests;
mod worker;

use ch11_kernels::Team;
use dfdx::prelude::Cpu;
use dfdx::tensor::RandomU64;

use crate::data::Dataset;
use crate::nets::{AnyNetwork, Layer, Tally, copy_out};

use norm::Norm;
use part::Part;
pub(crate) use part::{Step, Tensors, Update};
use plan::{Kind, Op, Plan};
use worker::{Surroundings, Worker};

/// The most blocks that a batch is dealt out in. Threads take whole blocks.
const BLOCKS: usize = 16;
/// A batch of fewer multiply-adds forward is not worth a second thread, nor are data of fewer: a thread has to start first.
const BATCH_WORTH_SHARING: usize = 500_000;
const DATA_WORTH_SHARING: usize = 200_000_000;

/// All that training steps need, made once for many of them.
#[derive(Debug)]
pub(crate) struct Machine {
    plan: Plan,
    team: Team,
    workers: Vec<Worker>,
    parts: Vec<Part>,
    norms: Vec<Norm>,
    /// The first layer, if it takes rows without their zeros.
    sparse: Option<Op>,
    seeds: Vec<u64>,
}

impl Machine {
    /// Makes a machine that trains `layers` on batches of at most `batch_size` of these data, on at most `threads` threads.
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

    /// Makes a machine that computes what a network makes of data, on at most `threads` threads. Its layers are frozen for that: batch
    /// normalisation goes by its running statistics, and dropout drops nothing.
    pub(crate) fn for_use<const D: usize>(
        (network, layers): (&dyn AnyNetwork, Vec<Layer>),
        data: &Dataset<D>,
        batch_size: usize,
        threads: usize,
    ) -> Self {
        let mut machine = Self::new(&[Layer::Frozen(layers)], data, batch_size, threads, false);
        let mut values = copy_out(network);
        machine.load(&mut Tensors { values: &mut values, average: &mut [], kept: [&mut [], &mut []] });
        machine
    }

    /// Returns how many threads there are.
    #[cfg(test)]
    pub(crate) fn threads(&self) -> usize {
        self.team.members()
    }

    fn with_team<const D: usize>(
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
        let rows = batch_size.div_ceil(BLOCKS) * BLOCKS.div_ceil(members);
        let workers: Vec<Worker> = (0..members).map(|_| Worker::new(&plan, rows.min(batch_size), sparse)).collect();
        Self {
            parts: (0..members)
                .map(|part| Part::new(&plan, &split, part, sparse.then_some(batch_size), averages))
                .collect(),
            workers,
            norms: plan.ops.iter().filter_map(|&op| Norm::new(op)).collect(),
            sparse: plan.first_linear().filter(|_| sparse),
            seeds: vec![0; plan.ops.len()],
            plan,
            team,
        }
    }

    /// Copies the parameters in.
    pub(crate) fn load(&mut self, tensors: &mut Tensors<'_>) {
        self.parts.iter_mut().for_each(|part| part.load(tensors));
        self.norms.iter_mut().for_each(|norm| norm.load(tensors.values));
    }

    /// Copies the parameters out.
    pub(crate) fn store(&mut self, tensors: &mut Tensors<'_>) {
        self.parts.iter_mut().for_each(|part| part.store(tensors));
        self.norms.iter().for_each(|norm| norm.store(tensors.values));
    }

    /// Computes the loss of each row of a batch and all gradients on the way back to the inputs; returns what came of the rows.
    /// Dropout is drawn from `device`.
    pub(crate) fn pass<const D: usize>(&mut self, data: &Dataset<D>, batch: &[usize], device: &Cpu) -> Tally {
        for op in &self.plan.ops {
            if matches!(op.kind, Kind::Dropout { .. }) {
                self.seeds[op.number] = device.random_u64();
            }
        }
        let block = self.deal(batch.len());
        let mut from = self.enter(data, batch, block);
        let Self { plan, team, workers, parts, norms, seeds, .. } = self;
        let base = Surroundings { plan, parts, norms: &[], seeds, block, batch: batch.len() };
        let is_learning = |norm: &Norm| norm.op.learns;

        // Forward, with a stop before each batch normalisation, which needs to know all rows.
        for index in 0..norms.len() {
            if !is_learning(&norms[index]) {
                continue;
            }
            let (around, norm) = (Surroundings { norms, ..base }, &norms[index]);
            team.run(workers, |worker| {
                worker.forward(from..norm.op.number, around);
                worker.measure(norm, around);
            });
            from = norm.op.number;
            norms[index].combine(workers, batch.len());
        }
        // To the end, and back to the last of them.
        let last = norms.iter().rposition(is_learning);
        let end = plan.ops.len();
        let (all_norms, stop) = (Surroundings { norms, ..base }, last.map_or(0, |last| norms[last].op.number + 1));
        team.run(workers, |worker| {
            worker.forward(from..end, all_norms);
            worker.lose(all_norms);
            worker.backward(stop..end, all_norms);
            if let Some(last) = last {
                worker.measure_gradient(&norms[last], all_norms);
            }
        });
        let mut next = last;
        while let Some(index) = next {
            norms[index].combine_gradient(workers);
            next = norms[..index].iter().rposition(is_learning);
            let (around, norm) = (Surroundings { norms, ..base }, &norms[index]);
            let stop = next.map_or(0, |next| norms[next].op.number + 1);
            team.run(workers, |worker| {
                worker.normalise_backward(norm, around);
                worker.backward(stop..norm.op.number, around);
                if let Some(next) = next {
                    worker.measure_gradient(&norms[next], around);
                }
            });
        }
        Tally {
            loss_sum: workers.iter().flat_map(|worker| &worker.losses).sum(),
            correct: workers.iter().map(|worker| worker.correct).sum(),
            count: batch.len(),
        }
    }

    /// Computes the logits of each row of a batch: `(batch, classes)`, row after row.
    pub(crate) fn logits<const D: usize>(
        &mut self,
        data: &Dataset<D>,
        batch: &[usize],
    ) -> impl Iterator<Item = &[f32]> {
        let block = self.deal(batch.len());
        let from = self.enter(data, batch, block);
        let Self { plan, team, workers, parts, norms, seeds, .. } = self;
        let around = Surroundings { plan, parts, norms, seeds, block, batch: batch.len() };
        team.run(workers, |worker| worker.forward(from..plan.ops.len(), around));
        workers.iter().flat_map(|worker| worker.outputs(plan))
    }

    /// Takes the rows of a batch, and goes forward to the first layer if that is split by outputs, of which each thread computes some
    /// of all rows. Returns the number of the operation to go on with.
    fn enter<const D: usize>(&mut self, data: &Dataset<D>, batch: &[usize], block: usize) -> usize {
        let Self { plan, team, workers, parts, sparse, seeds, .. } = self;
        let to = sparse.map_or(0, |op| op.number);
        let around = Surroundings { plan, parts: &[], norms: &[], seeds, block, batch: batch.len() };
        team.run(workers, |worker| {
            worker.take(data, batch);
            worker.forward(0..to, around);
        });
        if sparse.is_some() {
            team.run(parts, |part| part.first.iter_mut().for_each(|first| first.forward(workers)));
        }
        to
    }

    /// Takes a step against the gradients of the last pass.
    pub(crate) fn update(&mut self, update: Update) {
        let Self { team, workers, parts, norms, .. } = self;
        team.run(parts, |part| part.update(workers, norms, update));
    }

    /// Deals the rows of a batch out to the workers, in whole blocks, and returns the rows of a block.
    fn deal(&mut self, batch: usize) -> usize {
        let block = batch.div_ceil(BLOCKS).max(1);
        let (blocks, members) = (batch.div_ceil(block), self.workers.len());
        for (member, worker) in self.workers.iter_mut().enumerate() {
            let bound = |member: usize| (member * blocks / members * block).min(batch);
            worker.rows = bound(member)..bound(member + 1);
        }
        block
    }
}
