//! Classification without training: each row is of the class of the row that is nearest.

use ch11_kernels::{add_linear, largest};

use super::{ConfusionMatrix, EVALUATION_BATCH, Evaluation, Prediction};
use crate::data::Dataset;

/// Gives each row of `test` the class of the row of `train` that is nearest by Euclidean distance. There is no loss, and
/// each prediction has the probability 1.
///
/// The nearest row `x` has the smallest `|x|² - 2 x·t + |t|²`, and the largest `x·t - |x|² / 2`: it is the class of a
/// linear layer whose weights are the rows of `train`.
///
/// # Panics
/// If `train` is empty, or has a class that `test` does not know.
///
/// # Example
/// ```
/// use ch11_core::data::Dataset;
/// use ch11_core::metrics::nearest_neighbour;
///
/// let train = Dataset::<2>::from_pixels(vec![0, 0, 9, 9, 0, 9], vec![0, 1, 2], 3);
/// let test = Dataset::<2>::from_pixels(vec![8, 8, 1, 6, 2, 1], vec![1, 2, 1], 3);
/// assert_eq!(nearest_neighbour(&train, &test).accuracy(), 2.0 / 3.0);
/// ```
pub fn nearest_neighbour<const D: usize>(train: &Dataset<D>, test: &Dataset<D>) -> Evaluation {
    assert!(!train.is_empty(), "no row is near");
    let (mut weights, mut features, mut logits) = (Vec::new(), Vec::new(), Vec::new());
    train.gather(&(0..train.len()).collect::<Vec<_>>(), &mut weights);
    let bias: Vec<f32> = weights.chunks_exact(D).map(|row| row.iter().map(|it| it * it).sum::<f32>() / -2.0).collect();
    let (mut confusion, mut predictions) = (ConfusionMatrix::new(test.classes()), Vec::with_capacity(test.len()));
    let rows: Vec<usize> = (0..test.len()).collect();
    for rows in rows.chunks(EVALUATION_BATCH) {
        test.gather(rows, &mut features);
        logits.clear();
        rows.iter().for_each(|_| logits.extend_from_slice(&bias));
        add_linear(&features, &weights, &mut logits, rows.len());
        for (&row, logits) in rows.iter().zip(logits.chunks_exact(train.len())) {
            let (class, label) = (train.labels()[largest(logits)], test.labels()[row]);
            confusion.add(label.into(), class.into());
            predictions.push(Prediction { class, label, probability: 1.0 });
        }
    }
    Evaluation { loss: f64::NAN, confusion, predictions }
}
