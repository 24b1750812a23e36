//! Networks that compare two images.

use dfdx::nn::{ModuleVisitor, TensorCollection};
use dfdx::prelude::*;

use super::{Architecture, Batch, Constant, GradientTape, Layer, Parameters, Sequential, concatenate};
use crate::data::PIXELS;

/// Two networks that share no weights, and a head on both: a pair of batches `(n, 784)` -> `(n, 1)`.
///
/// The output is a logit: above 0, the images of the pair are different.
#[derive(Debug, Clone)]
pub struct PairNetwork<A, B, Head> {
    /// The network for the first image: `(n, 784) -> (n, 100)`.
    pub a: A,
    /// The network for the second image: `(n, 784) -> (n, 100)`.
    pub b: B,
    /// The layers that compare their outputs: `(n, 200) -> (n, 1)`.
    pub head: Head,
}

/// A batch of pairs: the first images and the second images, `(n, 784)` each. One tape is enough for both.
pub type PairBatch<T = NoneTape> = (Batch<PIXELS, T>, Batch<PIXELS>);

impl<A, B, Head> Module<PairBatch> for PairNetwork<A, B, Head>
where
    A: Module<Batch<PIXELS>, Output = Batch<100>, Error = CpuError>,
    B: Module<Batch<PIXELS>, Output = Batch<100>, Error = CpuError>,
    Head: Module<Batch<200>, Output = Batch<1>, Error = CpuError>,
{
    type Output = Batch<1>;
    type Error = CpuError;

    fn try_forward(&self, (first, second): PairBatch) -> Result<Batch<1>, CpuError> {
        let both = concatenate(self.a.try_forward(first)?, self.b.try_forward(second)?)?;
        self.head.try_forward(both)
    }
}

impl<A, B, Head> ModuleMut<Constant<PairBatch<GradientTape>>> for PairNetwork<A, B, Head>
where
    A: ModuleMut<Constant<Batch<PIXELS, GradientTape>>, Output = Batch<100, GradientTape>, Error = CpuError>,
    B: ModuleMut<Constant<Batch<PIXELS, GradientTape>>, Output = Batch<100, GradientTape>, Error = CpuError>,
    Head: ModuleMut<Batch<200, GradientTape>, Output = Batch<1, GradientTape>, Error = CpuError>,
{
    type Output = Batch<1, GradientTape>;
    type Error = CpuError;

    fn try_forward_mut(
        &mut self,
        Constant((first, second)): Constant<PairBatch<GradientTape>>,
    ) -> Result<Self::Output, CpuError> {
        let (a, tape) = self.a.try_forward_mut(Constant(first))?.split_tape();
        let b = self.b.try_forward_mut(Constant(second.put_tape(tape)))?;
        self.head.try_forward_mut(concatenate(a, b)?)
    }
}

impl<A, B, Head> TensorCollection<f32, Cpu> for PairNetwork<A, B, Head>
where
    A: TensorCollection<f32, Cpu>,
    B: TensorCollection<f32, Cpu>,
    Head: TensorCollection<f32, Cpu>,
{
    type To<E2: Dtype, D2: Device<E2>> = PairNetwork<A::To<E2, D2>, B::To<E2, D2>, Head::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, f32, Cpu>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("a", |s| &s.a, |s| &mut s.a),
                Self::module("b", |s| &s.b, |s| &mut s.b),
                Self::module("head", |s| &s.head, |s| &mut s.head),
            ),
            |(a, b, head)| PairNetwork { a, b, head },
        )
    }
}

impl<A: Architecture, B: Architecture, Head: Architecture> Architecture for PairNetwork<A, B, Head> {
    fn architecture(&self) -> String {
        let Self { a, b, head } = self;
        format!("({} | {}) {}", a.architecture(), b.architecture(), head.architecture())
    }
}

/// The layers of a network that compares two images, as values.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLayers {
    /// What the images go through.
    pub towers: Towers,
    /// What compares their outputs.
    pub head: Vec<Layer>,
}

/// What each image of a pair goes through, as values.
#[derive(Debug, Clone, PartialEq)]
pub enum Towers {
    /// Two networks that share no weights. The head reads their outputs side by side.
    Apart {
        /// What the first image goes through.
        a: Vec<Layer>,
        /// What the second image goes through.
        b: Vec<Layer>,
    },
    /// One network for both. The head reads how far apart its outputs are.
    Shared(Vec<Layer>),
}

impl PairLayers {
    /// Makes other layers of those of each tower, and of those of the head.
    #[must_use]
    pub fn map(self, mut other: impl FnMut(Vec<Layer>) -> Vec<Layer>) -> Self {
        let towers = match self.towers {
            Towers::Apart { a, b } => Towers::Apart { a: other(a), b: other(b) },
            Towers::Shared(tower) => Towers::Shared(other(tower)),
        };
        Self { towers, head: other(self.head) }
    }
}

/// A network that can list the layers of its towers and of its head.
pub trait TwoTowers {
    /// Lists the layers.
    fn layers(&self) -> PairLayers;
}

impl<A: Sequential, B: Sequential, Head: Sequential> TwoTowers for PairNetwork<A, B, Head> {
    fn layers(&self) -> PairLayers {
        PairLayers { towers: Towers::Apart { a: self.a.layers(), b: self.b.layers() }, head: self.head.layers() }
    }
}

/// A network that compares two images, for training and inference: a pair of batches `(n, 784)` -> `(n, 1)`.
pub trait Comparer:
    Parameters
    + TwoTowers
    + Module<PairBatch, Output = Batch<1>, Error = CpuError>
    + ModuleMut<Constant<PairBatch<GradientTape>>, Output = Batch<1, GradientTape>, Error = CpuError>
{
}

impl<M> Comparer for M where
    M: Parameters
        + TwoTowers
        + Module<PairBatch, Output = Batch<1>, Error = CpuError>
        + ModuleMut<Constant<PairBatch<GradientTape>>, Output = Batch<1, GradientTape>, Error = CpuError>
{
}
