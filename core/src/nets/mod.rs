//! Layers, and the chapter's networks as types over [dfdx] modules.
//!
//! A network is a tuple of layers, so its shape is its type, and reusing layers is taking the tuple apart:
//!
//! ```
//! use ch11_core::nets::{DeepNet, build};
//!
//! let network: DeepNet<5> = build(42);
//! let (h1, h2, h3, h4, _h5, _output) = network;
//! # let _ = (h1, h2, h3, h4);
//! ```

mod activation;
mod architecture;
mod batch;
mod batch_norm;
mod concatenate;
mod constant;
mod dropout;
mod frozen;
mod identity;
mod linear;
mod loss;
mod parameters;
mod sequential;
mod summary;

use dfdx::prelude::*;

use crate::data::PIXELS;

pub use activation::{Activation, Elu};
pub use architecture::Architecture;
pub use batch::{Batch, GradientTape};
pub(crate) use batch_norm::EPSILON as BATCH_NORM_EPSILON;
pub use batch_norm::{BatchNorm, NormalisedHidden, fold};
pub use concatenate::concatenate;
pub use constant::Constant;
pub use dropout::{Dropout, DropoutHidden};
pub use frozen::{Freeze, Frozen};
pub use identity::Identity;
pub use linear::Linear;
pub use loss::{BatchLoss, Tally, binary_cross_entropy, cross_entropy};
pub use parameters::copy_out;
pub use parameters::{
    AnyNetwork, AnyTensor, NamedTensor, Parameters, export_tensors, import_tensors, trainable_parameters,
};
pub(crate) use parameters::{check_finite, check_same, copy_in};
pub use sequential::{Layer, Sequential};
pub use summary::{LayerSummary, Summary};

/// A hidden layer: `(n, I) -> (n, O)`.
pub type Hidden<const I: usize, const O: usize> = (Linear<I, O>, Elu);

/// The chapter's network: five hidden layers of 100 ELU neurons and a linear output layer, `(n, 784) -> (n, CLASSES)`.
///
/// The output is logits: softmax is part of the loss ([`cross_entropy`]) and of the metrics.
pub type DeepNet<const CLASSES: usize, const WIDTH: usize = 100> = (
    Hidden<PIXELS, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Hidden<WIDTH, WIDTH>,
    Linear<WIDTH, CLASSES>,
);

/// [`DeepNet`] with batch normalisation in each hidden layer.
pub type NormalisedDeepNet<const CLASSES: usize, const WIDTH: usize = 100> = (
    NormalisedHidden<PIXELS, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    NormalisedHidden<WIDTH, WIDTH>,
    Linear<WIDTH, CLASSES>,
);

/// [`DeepNet`] with dropout on what comes into every layer, the pixels among it.
pub type DropoutDeepNet<const CLASSES: usize, const WIDTH: usize = 100> = (
    DropoutHidden<PIXELS, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    DropoutHidden<WIDTH, WIDTH>,
    (Dropout, Linear<WIDTH, CLASSES>),
);

/// A classifier that can be trained on instances of `D` features and then used: `(n, D) -> (n, CLASSES)` logits.
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

/// Builds a network with its layers' own initialisation, drawn from `seed`.
pub fn build<M: BuildModule<Cpu, f32>>(seed: u64) -> M {
    M::build(&Cpu::seed_from_u64(seed))
}

/// Copies a tensor's values out, in order: dfdx lends no slice of them.
pub(crate) fn values<S: Shape, T>(tensor: &Tensor<S, f32, Cpu, T>) -> Vec<f32> {
    let mut values = vec![0.0; tensor.shape().num_elements()];
    tensor.copy_into(&mut values);
    values
}

/// Adds `gradient` to what has been gathered so far: a tensor that is used twice gets a gradient from each use.
fn accumulate(gathered: &mut [f32], gradient: &[f32]) {
    for (sum, value) in gathered.iter_mut().zip(gradient) {
        *sum += value;
    }
}
