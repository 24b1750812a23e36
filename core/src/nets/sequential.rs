//! Networks whose layers follow one another, and their layers as values.

use std::fmt;

use super::{Activation, BatchNorm, Dropout, Elu, Frozen, Identity, Linear};

/// A layer as a value: its kind, its sizes and its settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// [`Linear`].
    Linear {
        /// The number of inputs.
        inputs: usize,
        /// The number of outputs.
        outputs: usize,
    },
    /// [`BatchNorm`].
    BatchNorm {
        /// The number of features.
        features: usize,
        /// The fraction of the running statistics that is kept in each step.
        momentum: f32,
    },
    /// [`Elu`] or another activation.
    Activation(Activation),
    /// [`Dropout`].
    Dropout {
        /// The probability that a value is dropped.
        rate: f32,
    },
    /// [`Frozen`] layers.
    Frozen(Vec<Layer>),
}

/// A network that can describe its layers, so that a checkpoint of another network is recognised.
pub trait Architecture {
    /// Describes the layers in order, with their settings: `784-100 ELU dropout 0.2 100-5`.
    ///
    /// # Example
    /// ```
    /// use ch11_core::nets::{Architecture, Hidden, Linear, build};
    ///
    /// let network: (Hidden<784, 100>, Linear<100, 5>) = build(42);
    /// assert_eq!(network.architecture(), "784-100 ELU 100-5");
    /// ```
    fn architecture(&self) -> String;
}

impl<M: Sequential> Architecture for M {
    fn architecture(&self) -> String {
        described(&self.layers())
    }
}

pub(super) fn described(layers: &[Layer]) -> String {
    layers.iter().map(Layer::to_string).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear { inputs, outputs } => write!(f, "{inputs}-{outputs}"),
            Self::BatchNorm { momentum, .. } => write!(f, "batch-norm {momentum}"),
            Self::Activation(activation) => write!(f, "{activation}"),
            Self::Dropout { rate } => write!(f, "dropout {rate}"),
            Self::Frozen(layers) => write!(f, "frozen({})", described(layers)),
        }
    }
}

/// A network whose layers follow one another, so that a training step can be planned from their list.
pub trait Sequential {
    /// Lists the layers, from the input to the output.
    ///
    /// # Example
    /// ```
    /// use ch11_core::nets::{Activation, Hidden, Layer, Sequential, build};
    ///
    /// let hidden: Hidden<784, 100> = build(42);
    /// let expected = [Layer::Linear { inputs: 784, outputs: 100 }, Layer::Activation(Activation::Elu)];
    /// assert_eq!(hidden.layers(), expected);
    /// ```
    fn layers(&self) -> Vec<Layer>;
}

impl<const I: usize, const O: usize> Sequential for Linear<I, O> {
    fn layers(&self) -> Vec<Layer> {
        vec![Layer::Linear { inputs: I, outputs: O }]
    }
}

impl<const N: usize> Sequential for BatchNorm<N> {
    fn layers(&self) -> Vec<Layer> {
        vec![Layer::BatchNorm { features: N, momentum: self.momentum }]
    }
}

impl Sequential for Elu {
    fn layers(&self) -> Vec<Layer> {
        vec![Layer::Activation(Activation::Elu)]
    }
}

impl Sequential for Activation {
    fn layers(&self) -> Vec<Layer> {
        vec![Layer::Activation(*self)]
    }
}

/// A dropout that drops nothing is not a layer.
impl Sequential for Dropout {
    fn layers(&self) -> Vec<Layer> {
        if self.rate > 0.0 { vec![Layer::Dropout { rate: self.rate }] } else { Vec::new() }
    }
}

impl Sequential for Identity {
    fn layers(&self) -> Vec<Layer> {
        Vec::new()
    }
}

impl<L: Sequential> Sequential for Frozen<L> {
    fn layers(&self) -> Vec<Layer> {
        vec![Layer::Frozen(self.0.layers())]
    }
}

macro_rules! tuple_sequential {
    ($($layer:ident $index:tt),+) => {
        impl<$($layer: Sequential),+> Sequential for ($($layer,)+) {
            fn layers(&self) -> Vec<Layer> {
                [$(self.$index.layers()),+].concat()
            }
        }
    };
}

tuple_sequential!(A 0);
tuple_sequential!(A 0, B 1);
tuple_sequential!(A 0, B 1, C 2);
tuple_sequential!(A 0, B 1, C 2, D 3);
tuple_sequential!(A 0, B 1, C 2, D 3, E 4);
tuple_sequential!(A 0, B 1, C 2, D 3, E 4, F 5);
