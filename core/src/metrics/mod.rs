//! Evaluation of classifiers: loss, accuracy, precision, recall and the confusion matrix; how activations and gradients
//! spread.

mod confusion_matrix;
mod histogram;
mod nearest_neighbour;
mod spread;

pub use confusion_matrix::ConfusionMatrix;
pub use histogram::Histogram;
pub use nearest_neighbour::nearest_neighbour;
pub use spread::{Probe, Spread, SpreadsByEpoch};

use std::panic::resume_unwind;
use std::thread;

use ch11_kernels::{largest, logistic, logistic_loss, softmax};

use crate::data::Dataset;
use crate::fused::{Batch, FusedNetwork};
use crate::nets::{AnyNetwork, Classifier, Layer, copy_out};

/// How many rows go through a network together in an evaluation.
const EVALUATION_BATCH: usize = 500;
/// Fewer rows are not worth a thread of their own, which has to start first and to copy the weights.
const ROWS_WORTH_A_THREAD: usize = 500;

/// The results of a classifier on a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Mean cross-entropy in nats.
    pub loss: f64,
    /// How often each class was predicted as each class.
    pub confusion: ConfusionMatrix,
    /// The prediction for each instance, in the order of the dataset.
    pub predictions: Vec<Prediction>,
}

/// A classifier's prediction for an instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The predicted class.
    pub class: u8,
    /// The true class.
    pub label: u8,
    /// The probability that the classifier gives it.
    pub probability: f32,
}

impl Prediction {
    /// Tells whether the predicted class is the true one.
    pub fn is_right(&self) -> bool {
        self.class == self.label
    }
}

impl Evaluation {
    /// Returns the fraction of instances classified correctly.
    pub fn accuracy(&self) -> f64 {
        self.confusion.accuracy()
    }

    /// Returns [`ConfusionMatrix::macro_precision`].
    pub fn precision(&self) -> f64 {
        self.confusion.macro_precision()
    }
}

/// Evaluates a network on every row of `data`, without a tape: compares the class of the largest logit with the label.
///
/// # Panics
/// If the numbers of classes of data and network differ.
pub fn evaluate<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    network: &M,
    data: &Dataset<D>,
) -> Evaluation {
    evaluate_on_threads(network, data, 1)
}

/// Evaluates as [`evaluate`] does, with the work shared among threads; the results are the same, to the last bit.
///
/// # Panics
/// If the numbers of classes of data and network differ.
pub fn evaluate_on_threads<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    network: &M,
    data: &Dataset<D>,
    threads: usize,
) -> Evaluation {
    assert_eq!(data.classes(), CLASSES, "the classes of the data");
    let scored = for_each_row((network, network.layers()), data, threads, |logits, label, scored| {
        scored.push(score(logits, label));
    });
    let mut confusion = ConfusionMatrix::new(CLASSES);
    let mut loss_sum = 0.0;
    for ((loss, prediction), &label) in scored.iter().zip(data.labels()) {
        confusion.add(label.into(), prediction.class.into());
        loss_sum += f64::from(*loss);
    }
    let predictions = scored.into_iter().map(|(_, prediction)| prediction).collect();
    Evaluation { loss: loss_sum / data.len() as f64, confusion, predictions }
}

/// Returns the cross-entropy of a row of logits, and the prediction.
fn score(logits: &mut [f32], label: u8) -> (f32, Prediction) {
    let (logit, class) = (logits[usize::from(label)], largest(logits));
    let loss = softmax(logits) - logit;
    // Labels are bytes, so classes fit in one.
    (loss, Prediction { class: class as u8, label, probability: logits[class] })
}

/// Sends every row of `data` through a network of these layers, without a tape, and has `each` make something of its
/// logits and its label; compiled for each number of features, not for each network. Each thread takes some of the rows.
fn for_each_row<const D: usize, T: Send>(
    (network, layers): (&dyn AnyNetwork, Vec<Layer>),
    data: &Dataset<D>,
    threads: usize,
    each: impl Fn(&mut [f32], u8, &mut Vec<T>) + Sync,
) -> Vec<T> {
    let (rows, values) = ((0..data.len()).collect::<Vec<_>>(), copy_out(network));
    let work = |rows: &[usize]| {
        let mut made = Vec::with_capacity(rows.len());
        let mut fused =
            FusedNetwork::for_inference(&layers, &mut values.clone(), data, EVALUATION_BATCH.min(rows.len()));
        for rows in rows.chunks(EVALUATION_BATCH) {
            let mut labels = rows.iter().map(|&row| data.labels()[row]);
            fused.logits(Batch { source: data, rows }, |logits| {
                each(logits, labels.next().unwrap_or_default(), &mut made)
            });
        }
        made
    };
    let threads = threads.min(rows.len() / ROWS_WORTH_A_THREAD).max(1);
    let [first, others @ ..] = &rows.chunks(rows.len().div_ceil(threads).max(1)).collect::<Vec<_>>()[..] else {
        return Vec::new();
    };
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = others.iter().map(|rows| scope.spawn(move || prepared(work, rows))).collect();
        let mut made = work(first);
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    })
}

/// Works on a thread of its own.
fn prepared<T>(work: impl Fn(&[usize]) -> T, rows: &[usize]) -> T {
    dfdx::flush_denormals_to_zero();
    work(rows)
}

/// Computes the logits of every row of `data`, without a tape, row after row: `(n * CLASSES)`.
pub fn logits<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    network: &M,
    data: &Dataset<D>,
) -> Vec<f32> {
    for_each_row((network, network.layers()), data, 1, |row, _, logits| logits.extend_from_slice(row))
}

/// Computes the probabilities of the classes for every row of `data`, the softmax of its logits: `(n * CLASSES)`.
pub fn probabilities<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    network: &M,
    data: &Dataset<D>,
) -> Vec<f32> {
    let mut rows = logits(network, data);
    for row in rows.chunks_exact_mut(CLASSES) {
        softmax(row);
    }
    rows
}

/// Evaluates one logit per instance, `(n)`, with labels of 0 or 1, `(n)`: a logit above 0 predicts 1.
///
/// # Panics
/// If there is not one label per logit, or a label is neither 0 nor 1.
///
/// # Example
/// ```
/// use ch11_core::metrics::evaluate_logits;
///
/// let evaluation = evaluate_logits(&[-2.0, 3.0, 0.0, 0.0], &[0, 1, 0, 1]);
/// assert_eq!(evaluation.accuracy(), 0.75);
/// assert_eq!((evaluation.predictions[2].class, evaluation.predictions[2].probability), (0, 0.5));
/// ```
pub fn evaluate_logits(logits: &[f32], labels: &[u8]) -> Evaluation {
    assert_eq!(logits.len(), labels.len(), "one label per logit");
    let mut confusion = ConfusionMatrix::new(2);
    let mut predictions = Vec::with_capacity(logits.len());
    let mut loss_sum = 0.0;
    for (&logit, &label) in logits.iter().zip(labels) {
        let class = u8::from(logit > 0.0);
        confusion.add(label.into(), class.into());
        predictions.push(Prediction { class, label, probability: logistic(logit.abs()) });
        loss_sum += f64::from(logistic_loss(logit, label == 1));
    }
    Evaluation { loss: loss_sum / logits.len() as f64, confusion, predictions }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::{DeepNet, Sequential, build};

    #[test]
    fn two_threads_find_what_one_finds_to_the_last_bit() {
        const ROWS: usize = 2_100;
        let pixels = (0..ROWS * 784).map(|index| if index % 3 == 0 { (index * 31 % 256) as u8 } else { 0 }).collect();
        let data = Dataset::<784>::from_pixels(pixels, (0..ROWS).map(|row| (row % 5) as u8).collect(), 5);
        let network: DeepNet<5> = build(7);
        let layers = Sequential::layers(&network);
        let threads = for_each_row((&network, layers), &data, 2, |_, _, ids| ids.push(thread::current().id()));
        assert_ne!(threads[0], threads[ROWS - 1], "the data are worth a second thread");
        let alone = evaluate(&network, &data);
        assert_eq!(evaluate_on_threads(&network, &data, 2), alone);
        assert!(alone.loss > 0.0 && alone.predictions.len() == ROWS);
    }
}
