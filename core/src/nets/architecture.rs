//! Networks in one line.

use super::{Activation, Elu, Linear};

/// A network that can say what it is made of, so that a checkpoint of another one is recognised.
pub trait Architecture {
    /// Writes the layers in order, with what they are set to: `784-100 ELU dropout 0.2 100-5`.
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

impl<const I: usize, const O: usize> Architecture for Linear<I, O> {
    fn architecture(&self) -> String {
        format!("{I}-{O}")
    }
}

impl Architecture for Elu {
    fn architecture(&self) -> String {
        Activation::Elu.to_string()
    }
}

impl Architecture for Activation {
    fn architecture(&self) -> String {
        self.to_string()
    }
}

macro_rules! tuple_architecture {
    ($($layer:ident $index:tt),+) => {
        impl<$($layer: Architecture),+> Architecture for ($($layer,)+) {
            fn architecture(&self) -> String {
                let layers = [$(self.$index.architecture()),+];
                // An identity has nothing to say.
                layers.into_iter().filter(|layer| !layer.is_empty()).collect::<Vec<_>>().join(" ")
            }
        }
    };
}

tuple_architecture!(A 0);
tuple_architecture!(A 0, B 1);
tuple_architecture!(A 0, B 1, C 2);
tuple_architecture!(A 0, B 1, C 2, D 3);
tuple_architecture!(A 0, B 1, C 2, D 3, E 4);
tuple_architecture!(A 0, B 1, C 2, D 3, E 4, F 5);
