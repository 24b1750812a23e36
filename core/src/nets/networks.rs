//! The chapter's networks.

use dfdx::prelude::*;

use super::{Batch, BatchNorm, Constant, Dropout, Elu, GradientTape, Linear, Parameters, Sequential};
use crate::data::PIXELS;

/// A hidden layer: `(n, I) -> (n, O)`.
pub type Hidden<const I: usize, const O: usize> = (Linear<I, O>, Elu);

/// A hidden layer with batch normalisation between its linear layer and its activation: `(n, I) -> (n, O)`.
pub type NormalisedHidden<const I: usize, const O: usize> = (Linear<I, O>, BatchNorm<O>, Elu);

/// A hidden layer with dropout on its input: `(n, I) -> (n, O)`.
pub type DropoutHidden<const I: usize, const O: usize> = (Dropout, Linear<I, O>, Elu);

/// The chapter's network: five hidden layers of 100 ELU neurons and a linear output layer, `(n, 784) -> (n, CLASSES)`.
///
/// The output is logits: softmax is part of the loss ([`cross_entropy`](super::cross_entropy)) and of the metrics.
pub type DeepNet<const CLASSES: usize, const WIDTH: usize = 100> = (
    Hidden<PIXELS, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Linear<WIDTH, CLASSES>,
);

/// The hidden layers of [`DeepNet`].
pub type HiddenLayers<const WIDTH: usize = 100> =
    (Hidden<PIXELS, WIDTH>, Hidden<WIDTH, WIDTH>, Hidden<WIDTH, WIDTH>, Hidden<WIDTH, WIDTH>, Hidden<WIDTH, WIDTH>);

/// [`DeepNet`] with batch normalisation in each hidden layer.
pub type NormalisedDeepNet<const CLASSES: usize, const WIDTH: usize = 100> = (
    NormalisedHidden<PIXELS, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    Linear<WIDTH, CLASSES>,
);

/// [`DeepNet`] with dropout on the input of every layer, including the pixels.
pub type DropoutDeepNet<const CLASSES: usize, const WIDTH: usize = 100> = (
    DropoutHidden<PIXELS, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    (Dropout, Linear<WIDTH, CLASSES>),
);

/// A classifier of instances of `D` features, for training and inference: `(n, D) -> (n, CLASSES)` logits.
///
/// Training and inference are two traits of dfdx: [`ModuleMut`] over a batch with a tape, [`Module`] over one without.
pub trait Classifier<const D: usize, const CLASSES: usize>:
    Parameters
    + Sequential
    + Module<Batch<D>, Output = Batch<CLASSES>, Error = CpuError>
    + ModuleMut<Constant<Batch<D, GradientTape>>, Output = Batch<CLASSES, GradientTape>, Error = CpuError>
{
}

impl<M, const D: usize, const CLASSES: usize> Classifier<D, CLASSES> for M where
    M: Parameters
        + Sequential
        + Module<Batch<D>, Output = Batch<CLASSES>, Error = CpuError>
        + ModuleMut<Constant<Batch<D, GradientTape>>, Output = Batch<CLASSES, GradientTape>, Error = CpuError>
{
}

/// Builds a network. Each layer initialises its own tensors, with random numbers drawn from `seed`.
pub fn build<M: BuildModule<Cpu, f32>>(seed: u64) -> M {
    M::build(&Cpu::seed_from_u64(seed))
}
