//! Networks that measure how far apart two images are.

use dfdx::nn::{ModuleVisitor, TensorCollection};
use dfdx::prelude::*;

use super::{Architecture, Batch, Constant, GradientTape, PairBatch, PairLayers, Sequential, Towers, TwoTowers};
use crate::data::PIXELS;

/// One tower that both images go through, and a head on how far apart its outputs are: a pair of batches `(n, 784)` ->
/// `(n, 1)`.
///
/// The head reads `|tower(x1) - tower(x2)|`, feature by feature, which is 0 if the tower makes the same of both. From
/// [Siamese Neural Networks for One-shot Image
/// Recognition](https://www.cs.cmu.edu/~rsalakhu/papers/oneshot1.pdf), section 3.1.
///
/// # Example
/// ```
/// use ch11_core::nets::{Batch, HiddenLayers, Linear, Siamese, build};
/// use dfdx::prelude::*;
///
/// let network: Siamese<HiddenLayers, Linear<100, 1>> = build(42);
/// let image: Batch<784> = Cpu::default().ones_like(&(1, Const));
/// let bias = network.head.bias.as_vec();
/// assert_eq!(network.forward((image.clone(), image)).as_vec(), bias);
/// ```
#[derive(Debug, Clone)]
pub struct Siamese<Tower, Head> {
    /// The network for either image: `(n, 784) -> (n, 100)`.
    pub tower: Tower,
    /// The layers that judge the distance: `(n, 100) -> (n, 1)`.
    pub head: Head,
}

impl<Tower, Head> Module<PairBatch> for Siamese<Tower, Head>
where
    Tower: Module<Batch<PIXELS>, Output = Batch<100>, Error = CpuError>,
    Head: Module<Batch<100>, Output = Batch<1>, Error = CpuError>,
{
    type Output = Batch<1>;
    type Error = CpuError;

    fn try_forward(&self, (first, second): PairBatch) -> Result<Batch<1>, CpuError> {
        let (first, second) = (self.tower.try_forward(first)?, self.tower.try_forward(second)?);
        self.head.try_forward(first.try_sub(second)?.try_abs()?)
    }
}

impl<Tower, Head> ModuleMut<Constant<PairBatch<GradientTape>>> for Siamese<Tower, Head>
where
    Tower: ModuleMut<Constant<Batch<PIXELS, GradientTape>>, Output = Batch<100, GradientTape>, Error = CpuError>,
    Head: ModuleMut<Batch<100, GradientTape>, Output = Batch<1, GradientTape>, Error = CpuError>,
{
    type Output = Batch<1, GradientTape>;
    type Error = CpuError;

    fn try_forward_mut(
        &mut self,
        Constant((first, second)): Constant<PairBatch<GradientTape>>,
    ) -> Result<Self::Output, CpuError> {
        let (first, tape) = self.tower.try_forward_mut(Constant(first))?.split_tape();
        let second = self.tower.try_forward_mut(Constant(second.put_tape(tape)))?;
        self.head.try_forward_mut(second.try_sub(first)?.try_abs()?)
    }
}

impl<Tower, Head> TensorCollection<f32, Cpu> for Siamese<Tower, Head>
where
    Tower: TensorCollection<f32, Cpu>,
    Head: TensorCollection<f32, Cpu>,
{
    type To<E2: Dtype, D2: Device<E2>> = Siamese<Tower::To<E2, D2>, Head::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, f32, Cpu>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (Self::module("tower", |s| &s.tower, |s| &mut s.tower), Self::module("head", |s| &s.head, |s| &mut s.head)),
            |(tower, head)| Siamese { tower, head },
        )
    }
}

impl<Tower: Architecture, Head: Architecture> Architecture for Siamese<Tower, Head> {
    fn architecture(&self) -> String {
        format!("distance({}) {}", self.tower.architecture(), self.head.architecture())
    }
}

impl<Tower: Sequential, Head: Sequential> TwoTowers for Siamese<Tower, Head> {
    fn layers(&self) -> PairLayers {
        PairLayers { towers: Towers::Shared(self.tower.layers()), head: self.head.layers() }
    }
}
