//! Batches of a dataset as tensors.

use dfdx::prelude::*;

use crate::data::Dataset;

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
