//! Networks in one line.

use super::{Elu, Linear};

/// A network that can say what it is made of, so that a checkpoint of another one is recognised.
pub trait Architecture {
    /// Writes the layers in order: `784-100 ELU 100-5`.
    ///
    /// # Example
    /// ```
    /// use ch11_core::nets::{Architecture, Hidden, Linear};
    ///
    /// assert_eq!(<(Hidden<784, 100>, Linear<100, 5>)>::architecture(), "784-100 ELU 100-5");
    /// ```
    fn architecture() -> String;
}

impl<const I: usize, const O: usize> Architecture for Linear<I, O> {
    fn architecture() -> String {
        format!("{I}-{O}")
    }
}

impl Architecture for Elu {
    fn architecture() -> String {
        "ELU".to_owned()
    }
}

macro_rules! tuple_architecture {
    ($($layer:ident),+) => {
        impl<$($layer: Architecture),+> Architecture for ($($layer,)+) {
            fn architecture() -> String {
                [$($layer::architecture()),+].join(" ")
            }
        }
    };
}

tuple_architecture!(A);
tuple_architecture!(A, B);
tuple_architecture!(A, B, C);
tuple_architecture!(A, B, C, D);
tuple_architecture!(A, B, C, D, E);
tuple_architecture!(A, B, C, D, E, F);
