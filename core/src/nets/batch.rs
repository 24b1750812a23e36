//! Batches of a dataset as tensors.

use dfdx::prelude::*;

use crate::data::{Augmentation, Dataset, Drawn};

/// A batch of `n` instances of `D` features: a tensor `(n, D)`.
pub type Batch<const D: usize, T = NoneTape> = Tensor<(usize, Const<D>), f32, Cpu, T>;

/// The tape that a training step records its operations on.
pub type GradientTape = OwnedTape<f32, Cpu>;

impl<const D: usize> Dataset<D> {
    /// Takes the instances at `rows` as a batch, `(rows.len(), D)`, with their labels.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn batch(&self, rows: &[usize], device: &Cpu) -> (Batch<D>, Vec<u8>) {
        let mut features = Vec::new();
        self.gather(rows, &mut features);
        let labels = rows.iter().map(|&row| self.labels()[row]).collect();
        (device.tensor_from_vec(features, (rows.len(), Const)), labels)
    }
}

impl Augmentation {
    /// Takes rows as they are drawn as a batch, `(drawn.len(), D)`, with their labels.
    ///
    /// # Panics
    /// If an index is out of range, or what is to be distorted is no image.
    pub fn batch<const D: usize>(&self, data: &Dataset<D>, drawn: &[Drawn], device: &Cpu) -> (Batch<D>, Vec<u8>) {
        if self.is_off() {
            return data.batch(&drawn.iter().map(|it| it.row).collect::<Vec<_>>(), device);
        }
        self.distorter().draw_all(data, drawn).batch(&(0..drawn.len()).collect::<Vec<_>>(), device)
    }
}
