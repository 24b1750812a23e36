//! The losses that training minimises.

use std::ops::AddAssign;

use ch11_kernels as kernels;
use dfdx::prelude::*;

use super::values::{accumulate, values};
use super::{Batch, GradientTape};

/// The mean loss of a batch, on a tape, and how many of its examples were classified correctly.
#[derive(Debug)]
pub struct BatchLoss {
    /// The mean loss, on a tape.
    pub loss: Tensor<Rank0, f32, Cpu, GradientTape>,
    /// How many examples were classified correctly.
    pub correct: usize,
}

impl BatchLoss {
    /// Computes the [`cross_entropy`] of logits and classes; an example is correct if the largest logit, the first of
    /// equals, is that of its class.
    ///
    /// # Panics
    /// If there is not one label per row, or a label is not below `CLASSES`.
    pub fn multiclass<const CLASSES: usize>(
        logits: Batch<CLASSES, GradientTape>,
        labels: &[u8],
    ) -> Result<Self, CpuError> {
        let rows = values(&logits);
        let rows = rows.chunks_exact(CLASSES).zip(labels);
        let correct = rows.filter(|&(row, &label)| kernels::largest(row) == usize::from(label)).count();
        Ok(Self { loss: cross_entropy(logits, labels)?, correct })
    }

    /// Computes the [`binary_cross_entropy`] of logits and labels of 0 or 1; an example is correct if its logit is
    /// above 0 and its label 1, or neither.
    ///
    /// # Panics
    /// If there is not one label per row, or a label is neither 0 nor 1.
    ///
    /// # Example
    /// ```
    /// use ch11_core::nets::{Batch, BatchLoss};
    /// use dfdx::prelude::*;
    ///
    /// let logits: Batch<1> = Cpu::default().tensor_from_vec(vec![-2.0, 3.0, 0.0, 0.5], (4, Const));
    /// let BatchLoss { loss, correct } = BatchLoss::binary(logits.leaky_trace(), &[0, 1, 0, 0])?;
    /// assert_eq!(correct, 3);
    /// assert!(loss.array() < 2.0_f32.ln());
    /// # Ok::<(), CpuError>(())
    /// ```
    pub fn binary(logits: Batch<1, GradientTape>, labels: &[u8]) -> Result<Self, CpuError> {
        let rows = values(&logits);
        let correct = rows.iter().zip(labels).filter(|&(&logit, &label)| (logit > 0.0) == (label == 1)).count();
        Ok(Self { loss: binary_cross_entropy(logits, labels)?, correct })
    }
}

/// The summed loss and the number of correct answers of some examples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// The sum of the losses, in nats.
    pub loss_sum: f64,
    /// How many examples were classified correctly.
    pub correct: usize,
    /// How many examples there were.
    pub count: usize,
}

impl Tally {
    /// Returns the mean loss in nats.
    pub fn loss(&self) -> f64 {
        self.loss_sum / self.count as f64
    }

    /// Returns the fraction of examples classified correctly.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.count as f64
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.loss_sum += other.loss_sum;
        self.correct += other.correct;
        self.count += other.count;
    }
}

/// Returns the mean cross-entropy, in nats, between the softmax of `logits`, `(n, CLASSES)`, and the class of each row,
/// `(n)`.
///
/// It is one operation with its own backward pass: the gradient of a logit is (its probability - 1 if it is that of the
/// row's class) / n.
///
/// # Panics
/// If there is not one label per row, or a label is not below `CLASSES`.
pub fn cross_entropy<B: Dim, const CLASSES: usize, T: Tape<f32, Cpu>>(
    logits: Tensor<(B, Const<CLASSES>), f32, Cpu, T>,
    labels: &[u8],
) -> Result<Tensor<Rank0, f32, Cpu, T>, CpuError> {
    let (logits, tape) = logits.split_tape();
    assert_eq!(logits.shape().0.size(), labels.len(), "one label per row");

    let mut gradient = values(&logits);
    let mut sum = 0.0;
    for (row, &label) in gradient.chunks_exact_mut(CLASSES).zip(labels) {
        sum += f64::from(kernels::cross_entropy(row, usize::from(label)));
    }
    Ok(mean_loss(logits, tape, sum, gradient))
}

/// Returns the mean cross-entropy, in nats, between the logistic function of `logits`, `(n, 1)`, and labels of 0 or 1,
/// `(n)`.
///
/// For a logit `z` and a label `y` it is `max(z, 0) - z y + ln(1 + exp(-|z|))`, the form of TensorFlow's
/// [`sigmoid_cross_entropy_with_logits`](https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits),
/// in which no exponential overflows and no logarithm of 0 is taken. It is one operation with its own backward pass:
/// the gradient of a logit is (its probability - its label) / n.
///
/// # Panics
/// If there is not one label per row, or a label is neither 0 nor 1.
///
/// # Example
/// ```
/// use ch11_core::nets::{Batch, binary_cross_entropy};
/// use dfdx::prelude::*;
///
/// let logits: Batch<1> = Cpu::default().tensor_from_vec(vec![0.0, 1000.0], (2, Const));
/// // A logit of 0 is a probability of 1 / 2, with a loss of ln 2; a logit of 1,000 is a probability of 1.
/// let loss = binary_cross_entropy(logits, &[0, 1])?.array();
/// assert!((loss - 2.0_f32.ln() / 2.0).abs() < 1e-6);
/// # Ok::<(), CpuError>(())
/// ```
pub fn binary_cross_entropy<B: Dim, T: Tape<f32, Cpu>>(
    logits: Tensor<(B, Const<1>), f32, Cpu, T>,
    labels: &[u8],
) -> Result<Tensor<Rank0, f32, Cpu, T>, CpuError> {
    let (logits, tape) = logits.split_tape();
    assert_eq!(logits.shape().0.size(), labels.len(), "one label per row");
    assert!(labels.iter().all(|&label| label <= 1), "labels are 0 or 1");

    let mut gradient = values(&logits);
    let mut sum = 0.0;
    for (value, &label) in gradient.iter_mut().zip(labels) {
        sum += f64::from(kernels::logistic_loss(*value, label == 1));
        *value = kernels::logistic(*value) - f32::from(label);
    }
    Ok(mean_loss(logits, tape, sum, gradient))
}

/// Records the mean of the rows' losses on a tape: `sum` is their sum, and `gradient` that of the sum for each logit.
fn mean_loss<B: Dim, const N: usize, T: Tape<f32, Cpu>>(
    logits: Tensor<(B, Const<N>), f32, Cpu>,
    mut tape: T,
    sum: f64,
    mut gradient: Vec<f32>,
) -> Tensor<Rank0, f32, Cpu, T> {
    let n = logits.shape().0.size();
    let loss = logits.device().tensor((sum / n as f64) as f32);
    let (loss_ghost, logits) = (loss.ghost(), logits.ghost());
    tape.add_backward_op(move |gradients| {
        let scale = gradients.get_or_alloc_mut(&loss_ghost)?[0] / n as f32;
        gradient.iter_mut().for_each(|value| *value *= scale);
        accumulate(gradients.get_or_alloc_mut(&logits)?, &gradient);
        Ok(())
    });
    loss.put_tape(tape)
}
