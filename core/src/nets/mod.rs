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
//!
//! An error of dfdx, a `CpuError`, always means that there is not enough memory for a tensor.

mod activation;
mod batch;
mod batch_norm;
mod concatenate;
mod constant;
mod dropout;
mod frozen;
mod identity;
mod linear;
mod loss;
mod networks;
mod pair_network;
mod parameters;
mod sequential;
mod siamese;
mod structure;
mod summary;
mod values;

pub use activation::{Activation, Elu};
pub use batch::{Batch, GradientTape};
pub use batch_norm::{BatchNorm, EPSILON as BATCH_NORM_EPSILON, fold};
pub use concatenate::concatenate;
pub use constant::Constant;
pub use dropout::Dropout;
pub use frozen::{Freeze, Frozen};
pub use identity::Identity;
pub use linear::Linear;
pub use loss::{BatchLoss, Tally, binary_cross_entropy, cross_entropy};
pub use networks::{
    Classifier, DeepNet, DropoutDeepNet, DropoutHidden, Hidden, HiddenLayers, NormalisedDeepNet, NormalisedHidden,
    build,
};
pub use pair_network::{Comparer, PairBatch, PairLayers, PairNetwork, Towers, TwoTowers};
pub use parameters::{
    AnyNetwork, AnyTensor, NamedTensor, Parameters, copy_out, export_tensors, import_tensors, trainable_parameters,
};
pub(crate) use parameters::{check_finite, check_same, copy_in};
pub use sequential::{Architecture, Layer, Sequential};
pub use siamese::Siamese;
pub use structure::Structure;
pub use summary::{LayerSummary, Summary};
