//! The plan of a training step, made from the list of a network's layers.

use std::ops::Range;

use ch11_kernels::LANES;

use crate::nets::{Activation, Layer};

/// How many threads can share the features of a stage. What more would gain, they would lose by waiting for each other.
pub(super) const MOST_MEMBERS: usize = 2;

/// One operation of the forward pass; an activation works in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Op {
    pub(super) kind: Kind,
    /// Its number among the operations.
    pub(super) number: usize,
    /// The slots of its stage that it reads and writes; a linear layer reads the last slot of the stage before.
    pub(super) input: usize,
    pub(super) output: usize,
    /// Whether it learns and passes gradients on.
    pub(super) learns: bool,
    /// Where its tensors begin among all values of the network.
    pub(super) values: usize,
    /// Where they begin among those that an optimizer changes.
    pub(super) trainable: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Linear { inputs: usize, outputs: usize },
    BatchNorm { features: usize, momentum: f32 },
    Activation(Activation),
    Dropout { rate: f32 },
}

/// A linear layer, and the operations up to the next one: they treat each feature by itself. The first stage has no
/// linear layer; it is the input, and the operations on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    pub(super) number: usize,
    pub(super) ops: Vec<Op>,
    /// How many features a row has here.
    pub(super) width: usize,
    /// How many slots hold them; the last one is the output.
    pub(super) slots: usize,
}

/// All operations of a network.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) stages: Vec<Stage>,
    /// How many operations there are.
    pub(super) ops: usize,
    /// How many values the network has, and how many an optimizer changes.
    pub(super) values: usize,
    pub(super) trainable: usize,
    /// The first operation that passes a gradient on: what stands before the first parameters that learn needs none.
    first_to_pass: usize,
}

/// The distance from row to row of a matrix with rows of `width` numbers: whole vectors, or quarters of them where more
/// would take much room.
pub(super) fn stride(width: usize) -> usize {
    let unit = if width <= 4 * LANES { LANES / 4 } else { LANES };
    width.max(1).next_multiple_of(unit)
}

impl Stage {
    /// Returns the slot that the next stage reads.
    pub(super) fn last_slot(&self) -> usize {
        self.slots - 1
    }

    /// Returns its linear layer; the first stage has none.
    pub(super) fn linear(&self) -> Option<Op> {
        self.ops.first().copied().filter(|op| matches!(op.kind, Kind::Linear { .. }))
    }

    /// Shares its features among one or two `members`, in whole vectors but for what is left over. That goes to the
    /// second one in the first hidden layer, where it weighs most, and in layers too narrow to be shared; to the first
    /// one in the others.
    pub(super) fn shares(&self, members: usize) -> impl Iterator<Item = Range<usize>> {
        let half = self.width / LANES / members * LANES;
        let middle = match members {
            1 => self.width,
            _ if self.number == 1 || half == 0 => half,
            _ => self.width - half,
        };
        [0..middle, middle..self.width].into_iter().take(members)
    }
}

impl Plan {
    /// Plans the layers of a network of `inputs` features.
    pub(super) fn new(layers: &[Layer], inputs: usize) -> Self {
        let input = Stage { number: 0, ops: Vec::new(), width: inputs, slots: 1 };
        let mut plan = Self { stages: vec![input], ops: 0, values: 0, trainable: 0, first_to_pass: usize::MAX };
        plan.extend(layers, true);
        plan
    }

    /// Plans to compute the gradient of the input, too.
    pub(super) fn with_gradient_of_input(self) -> Self {
        Self { first_to_pass: 0, ..self }
    }

    /// Adds layers. Frozen ones do not learn: an optimizer changes nothing of theirs, and no gradient passes them.
    fn extend(&mut self, layers: &[Layer], learns: bool) {
        for layer in layers {
            match *layer {
                Layer::Linear { inputs, outputs } => {
                    self.stages.push(Stage { number: self.stages.len(), ops: Vec::new(), width: outputs, slots: 0 });
                    let tensors = inputs * outputs + outputs;
                    self.push(Kind::Linear { inputs, outputs }, learns, [tensors, tensors]);
                }
                Layer::BatchNorm { features, momentum } => {
                    self.push(Kind::BatchNorm { features, momentum }, learns, [4 * features, 2 * features]);
                }
                Layer::Activation(activation) => self.push(Kind::Activation(activation), learns, [0, 0]),
                Layer::Dropout { rate } if learns && rate > 0.0 => self.push(Kind::Dropout { rate }, learns, [0, 0]),
                Layer::Dropout { .. } => {}
                Layer::Frozen(ref layers) => self.extend(layers, false),
            }
        }
    }

    /// Adds an operation to the last stage; it has so many values, of which an optimizer may change so many.
    fn push(&mut self, kind: Kind, learns: bool, [values, trainable]: [usize; 2]) {
        let (number, end) = (self.ops, self.stages.len() - 1);
        let stage = &mut self.stages[end];
        let input = stage.slots.saturating_sub(1);
        stage.slots += usize::from(!matches!(kind, Kind::Activation(_)));
        let output = stage.slots - 1;
        stage.ops.push(Op { kind, number, input, output, learns, values: self.values, trainable: self.trainable });
        self.ops += 1;
        self.values += values;
        if learns && trainable > 0 {
            self.trainable += trainable;
            self.first_to_pass = self.first_to_pass.min(number + 1);
        }
    }

    /// Returns all operations, in order.
    pub(super) fn all_ops(&self) -> impl Iterator<Item = Op> {
        self.stages.iter().flat_map(|stage| stage.ops.iter().copied())
    }

    /// Returns the last stage, whose output are the logits.
    pub(super) fn last(&self) -> &Stage {
        &self.stages[self.stages.len() - 1]
    }

    /// Splits a stage's features in blocks, at most two; the last stage is a single one.
    pub(super) fn blocks(&self, stage: &Stage) -> impl Iterator<Item = Range<usize>> {
        stage.shares(if stage.number == self.last().number { 1 } else { MOST_MEMBERS })
    }

    /// Returns whether the gradient of an operation's input is needed.
    pub(super) fn passes_gradient(&self, op: Op) -> bool {
        op.learns && op.number >= self.first_to_pass
    }

    /// Returns whether the gradient of a stage's output is needed.
    pub(super) fn needs_gradient(&self, stage: &Stage) -> bool {
        let learns = |op: &Op| op.learns && op.number + 1 >= self.first_to_pass;
        match self.stages.get(stage.number + 1).and_then(Stage::linear) {
            Some(next) => self.passes_gradient(next),
            None => stage.ops.iter().any(learns),
        }
    }

    /// Returns whether the zeros of the input can be left out: nothing but a dropout stands before the first linear
    /// layer.
    pub(super) fn takes_sparse_rows(&self) -> bool {
        let [input, _, ..] = &self.stages[..] else { return false };
        let dropout = match input.ops[..] {
            [] => true,
            [op] => matches!(op.kind, Kind::Dropout { .. }),
            _ => false,
        };
        dropout && input.width <= usize::from(u16::MAX)
    }

    /// Counts the multiply-adds of a row's forward pass.
    pub(super) fn multiply_adds(&self) -> usize {
        self.stages.windows(2).map(|pair| pair[0].width * pair[1].width).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(width: usize, members: usize) -> Vec<Range<usize>> {
        Stage { number: 1, ops: Vec::new(), width, slots: 1 }.shares(members).collect()
    }

    #[test]
    fn the_shares_of_all_members_are_the_whole() {
        for (width, members) in [(784, 2), (100, 2), (100, 3), (5, 4), (16, 2), (100, 9)] {
            let mut end = 0;
            for share in shares(width, members) {
                assert_eq!(share.start, end);
                assert!(share.start.is_multiple_of(LANES));
                end = share.end;
            }
            assert_eq!(end, width);
        }
        assert_eq!(shares(100, 2), [0..48, 48..100]);
    }

    #[test]
    fn a_network_is_planned_from_its_layers() {
        let elu = Layer::Activation(Activation::Elu);
        let frozen = Layer::Frozen(vec![Layer::Linear { inputs: 784, outputs: 10 }, elu.clone()]);
        let layers = [
            frozen,
            Layer::Dropout { rate: 0.0 },
            Layer::Linear { inputs: 10, outputs: 8 },
            Layer::BatchNorm { features: 8, momentum: 0.9 },
            elu,
            Layer::Dropout { rate: 0.5 },
            Layer::Linear { inputs: 8, outputs: 5 },
        ];
        let plan = Plan::new(&layers, 784);
        let stages: Vec<_> = plan.stages.iter().map(|stage| (stage.width, stage.slots, stage.ops.len())).collect();
        assert_eq!(stages, [(784, 1, 0), (10, 1, 2), (8, 3, 4), (5, 1, 1)]);
        let passes: Vec<bool> = plan.all_ops().map(|op| plan.passes_gradient(op)).collect();
        assert_eq!(passes, [false, false, false, true, true, true, true]);
        assert_eq!((plan.values, plan.trainable), (7850 + 88 + 32 + 45, 88 + 16 + 45));
        let last = plan.all_ops().last().unwrap();
        assert_eq!((last.values, last.trainable, last.number), (7850 + 88 + 32, 88 + 16, 6));
        assert_eq!(plan.multiply_adds(), 7840 + 80 + 40);
    }
}
