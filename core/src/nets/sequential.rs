//! Networks whose layers follow one another.

use super::{Activation, BatchNorm, Dropout, Elu, Frozen, Identity, Linear};

/// A layer as a value: its kind, its sizes, and what it is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// [`Linear`].
    Linear {
        /// The features that come in.
        inputs: usize,
        /// The features that go out.
        outputs: usize,
    },
    /// [`BatchNorm`].
    BatchNorm {
        /// The features.
        features: usize,
        /// How much of the running statistics is kept in each step.
        momentum: f32,
    },
    /// [`Elu`] or another activation.
    Activation(Activation),
    /// [`Dropout`].
    Dropout {
        /// The probability of each value to be dropped.
        rate: f32,
    },
    /// [`Frozen`] layers.
    Frozen(Vec<Layer>),
}

/// A network that is its layers one after the other, so that a training step can be planned from their list.
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

impl Sequential for Dropout {
    fn layers(&self) -> Vec<Layer> {
        vec![Layer::Dropout { rate: self.rate }]
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
