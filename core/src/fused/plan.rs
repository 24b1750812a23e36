//! The plan of a training step, made from the list of a network's layers.

use std::ops::Range;

use ch11_kernels::LANES;

use crate::nets::{Activation, Layer};

/// One operation of the forward pass, from one slot to another; an activation works in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Op {
    pub(super) kind: Kind,
    /// Its number among the operations, and among the linear ones so far.
    pub(super) number: usize,
    pub(super) linears_before: usize,
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

/// All operations of a network, and the widths of the slots that hold the activations of a row; the first slot holds
/// the input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) ops: Vec<Op>,
    pub(super) widths: Vec<usize>,
    /// How many values the network has, and how many an optimizer changes.
    pub(super) values: usize,
    pub(super) trainable: usize,
}

/// A slot's distance from row to row: whole vectors, or half a vector if that is enough.
pub(super) fn stride(width: usize) -> usize {
    if width <= LANES / 2 { LANES / 2 } else { width.next_multiple_of(LANES) }
}

impl Plan {
    /// Plans the layers of a network of `inputs` features.
    pub(super) fn new(layers: &[Layer], inputs: usize) -> Self {
        let mut plan = Self { ops: Vec::new(), widths: vec![inputs], values: 0, trainable: 0 };
        plan.extend(layers, true);
        plan
    }

    fn extend(&mut self, layers: &[Layer], learns: bool) {
        for layer in layers {
            match *layer {
                Layer::Linear { inputs, outputs } => {
                    self.push(Kind::Linear { inputs, outputs }, Some(outputs), learns);
                    let tensors = inputs * outputs + outputs;
                    self.count(tensors, if learns { tensors } else { 0 });
                }
                Layer::BatchNorm { features, momentum } => {
                    self.push(Kind::BatchNorm { features, momentum }, Some(features), learns);
                    self.count(4 * features, if learns { 2 * features } else { 0 });
                }
                Layer::Activation(activation) => self.push(Kind::Activation(activation), None, learns),
                Layer::Dropout { rate } if learns && rate > 0.0 => {
                    self.push(Kind::Dropout { rate }, self.widths.last().copied(), learns);
                }
                Layer::Dropout { .. } => {}
                Layer::Frozen(ref layers) => self.extend(layers, false),
            }
        }
    }

    fn push(&mut self, kind: Kind, width: Option<usize>, learns: bool) {
        let input = self.widths.len() - 1;
        self.widths.extend(width);
        let output = self.widths.len() - 1;
        let (number, linears_before) = (self.ops.len(), self.linears());
        let (values, trainable) = (self.values, self.trainable);
        self.ops.push(Op { kind, number, linears_before, input, output, learns, values, trainable });
    }

    fn count(&mut self, values: usize, trainable: usize) {
        self.values += values;
        self.trainable += trainable;
    }

    fn linears(&self) -> usize {
        self.ops.iter().filter(|op| matches!(op.kind, Kind::Linear { .. })).count()
    }

    /// Returns whether the gradient of an operation's input is needed.
    pub(super) fn passes_gradient(&self, op: usize) -> bool {
        // Nothing before the first weights that learn needs one.
        self.ops[..op].iter().any(|op| op.learns && !matches!(op.kind, Kind::Dropout { .. } | Kind::Activation(_)))
    }

    /// Returns whether the zeros of the input can be left out: the first layer is linear, or the one after a dropout
    /// is.
    pub(super) fn takes_sparse_rows(&self) -> bool {
        let mut kinds = self.ops.iter().map(|op| op.kind).skip_while(|kind| matches!(kind, Kind::Dropout { .. }));
        matches!(kinds.next(), Some(Kind::Linear { .. })) && self.widths[0] <= usize::from(u16::MAX)
    }

    /// Returns the first linear layer.
    pub(super) fn first_linear(&self) -> Option<Op> {
        self.ops.iter().copied().find(|op| matches!(op.kind, Kind::Linear { .. }))
    }

    /// Splits each linear layer into `parts`, so that each part has about as many weights in all: by its outputs if it
    /// is the first one and `sparse`, otherwise by its inputs.
    pub(super) fn split(&self, parts: usize, sparse: bool) -> Vec<Vec<Range<usize>>> {
        let mut weights = vec![0; parts];
        let of = |op: &Op| match op.kind {
            Kind::Linear { inputs, outputs } if sparse && op.linears_before == 0 => Some((outputs, inputs)),
            Kind::Linear { inputs, outputs } => Some((inputs, outputs)),
            _ => None,
        };
        let sides = self.ops.iter().filter_map(of);
        sides.map(|(split_side, other)| split(split_side, &mut weights, other)).collect()
    }

    /// Counts the multiply-adds of a row's forward pass.
    pub(super) fn multiply_adds(&self) -> usize {
        let of = |op: &Op| match op.kind {
            Kind::Linear { inputs, outputs } => inputs * outputs,
            _ => 0,
        };
        self.ops.iter().map(of).sum()
    }
}

/// Splits `length` into whole vectors. The parts with the fewest weights so far get the larger shares; a vector more
/// has `weight` weights.
fn split(length: usize, weights: &mut [usize], weight: usize) -> Vec<Range<usize>> {
    let vectors = length.div_ceil(LANES);
    let mut sizes = vec![vectors / weights.len(); weights.len()];
    let mut lightest: Vec<usize> = (0..weights.len()).collect();
    lightest.sort_by_key(|&part| weights[part]);
    for &part in &lightest[..vectors % weights.len()] {
        sizes[part] += 1;
        weights[part] += weight;
    }
    let mut start = 0;
    let range = |size: usize| {
        let first = start;
        start += size;
        (first * LANES).min(length)..(start * LANES).min(length)
    };
    sizes.into_iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_parts_are_the_whole() {
        for (length, parts) in [(784, 2), (100, 2), (100, 3), (5, 4), (16, 2)] {
            let mut end = 0;
            for share in split(length, &mut vec![0; parts], 1) {
                assert_eq!(share.start, end);
                assert!(share.start.is_multiple_of(LANES) || share.is_empty());
                end = share.end;
            }
            assert_eq!(end, length);
        }
    }

    #[test]
    fn larger_shares_go_to_those_who_have_less() {
        let layers = [(784, 100), (100, 100), (100, 100)].map(|(inputs, outputs)| Layer::Linear { inputs, outputs });
        let split = Plan::new(&layers, 784).split(2, true);
        assert_eq!(split, [[0..64, 64..100], [0..48, 48..100], [0..48, 48..100]]);
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
        assert_eq!(plan.widths, [784, 10, 8, 8, 8, 5]);
        let passes: Vec<bool> = (0..plan.ops.len()).map(|op| plan.passes_gradient(op)).collect();
        assert_eq!(passes, [false, false, false, true, true, true, true]);
        assert_eq!((plan.values, plan.trainable), (7850 + 88 + 32 + 45, 88 + 16 + 45));
        assert_eq!((plan.ops[6].values, plan.ops[6].trainable), (7850 + 88 + 32, 88 + 16));
    }
}
