//! The outputs of frozen layers for a whole dataset, computed once.

use dfdx::prelude::Module;

use crate::data::Dataset;
use crate::fused::{Batch, FusedNetwork};
use crate::nets::{self, Parameters, Sequential, copy_out};

/// How many rows go through the layers together.
const CACHE_BATCH: usize = 500;

/// Sends every row of a dataset through layers that no longer change: `(n, D) -> (n, O)`.
///
/// The result is a dataset like any other, so the same code trains the layers above on it, at the cost of those layers
/// alone. With layers as wide as the chapter's, training on the cache gives the same bits as training without it.
///
/// # Example
/// ```
/// use ch11_core::data::Dataset;
/// use ch11_core::nets::{Frozen, Hidden, build};
/// use ch11_core::train::cache;
///
/// let images = Dataset::<784>::from_pixels(vec![0; 2 * 784], vec![3, 1], 5);
/// let hidden: Frozen<Hidden<784, 100>> = Frozen(build(42));
/// let features: Dataset<100> = cache(&hidden, &images);
/// assert_eq!(features.labels(), images.labels());
/// ```
pub fn cache<L, const D: usize, const O: usize>(layers: &L, data: &Dataset<D>) -> Dataset<O>
where
    L: Module<nets::Batch<D>, Output = nets::Batch<O>> + Sequential + Parameters,
{
    let rows: Vec<usize> = (0..data.len()).collect();
    let batch_size = CACHE_BATCH.min(rows.len());
    let mut fused = FusedNetwork::for_inference(&layers.layers(), &mut copy_out(layers), data, batch_size);
    let mut features = Vec::with_capacity(data.len() * O);
    for rows in rows.chunks(CACHE_BATCH) {
        fused.logits(Batch { source: data, rows }, |outputs| features.extend_from_slice(outputs));
    }
    Dataset::from_features(features, data.labels().to_vec(), data.classes())
}
