//! Probabilities and classes from logits.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::Rows;
use super::exp::exp_parts;
use super::product::multiply_add;

/// Replaces a row of logits by their softmax, and returns the logarithm of the sum of their exponentials.
///
/// The largest logit is subtracted first, so that no exponential overflows.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn softmax(logits: &mut [f32]) -> f32 {
    if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
        softmax_by::<true>(logits)
    } else {
        softmax_by::<false>(logits)
    }
}

/// How many logits go through the exponential function together.
const WIDTH: usize = 8;

#[inline(always)]
fn softmax_by<const FUSED: bool>(logits: &mut [f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for some in logits.chunks_mut(WIDTH) {
        let mut exponentials = [0.0; WIDTH];
        for (lane, value) in exponentials.iter_mut().enumerate() {
            *value = if lane < some.len() { some[lane] } else { 0.0 };
        }
        for value in &mut exponentials {
            let (two_to_n, e) = exp_parts::<FUSED>(*value - largest);
            *value = multiply_add::<FUSED>(two_to_n, e, two_to_n);
        }
        for (logit, exponential) in some.iter_mut().zip(exponentials) {
            *logit = exponential;
            sum += exponential;
        }
    }
    let share = 1.0 / sum;
    logits.iter_mut().for_each(|probability| *probability *= share);
    largest + sum.ln()
}

/// Replaces a row of logits by the gradient of its cross-entropy, the softmax minus 1 at `label`, and returns the
/// cross-entropy in nats.
pub fn cross_entropy(logits: &mut [f32], label: usize) -> f32 {
    let logit = logits[label];
    let loss = softmax(logits) - logit;
    logits[label] -= 1.0;
    loss
}

/// Computes the gradient of the cross-entropy of each row of logits, times `factor`; returns the sum of the rows'
/// cross-entropies in nats, and in how many rows the label has the [`largest`] logit.
///
/// # Panics
/// If there are too few values, or a label is no column.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn cross_entropy_of_rows(
    logits: Rows<&[f32]>,
    columns: usize,
    labels: &[u8],
    factor: f32,
    gradients: Rows<&mut [f32]>,
) -> (f64, usize) {
    let (mut loss_sum, mut correct) = (0.0, 0);
    let rows = logits.values.chunks(logits.stride).zip(gradients.values.chunks_mut(gradients.stride));
    for ((logits, gradient), &label) in rows.zip(labels) {
        let (logits, gradient, label) = (&logits[..columns], &mut gradient[..columns], usize::from(label));
        correct += usize::from(largest(logits) == label);
        gradient.copy_from_slice(logits);
        let log_sum = if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
            softmax_by::<true>(gradient)
        } else {
            softmax_by::<false>(gradient)
        };
        loss_sum += f64::from(log_sum - logits[label]);
        gradient[label] -= 1.0;
        gradient.iter_mut().for_each(|value| *value *= factor);
    }
    (loss_sum, correct)
}

/// Returns the index of the largest value, the first of equals.
#[inline]
pub fn largest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |best, index| if values[index] > values[best] { index } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_formula_and_survives_large_logits() {
        // exp(1) / (exp(1) + exp(2)) = 1 / (1 + e) = 0.268941
        for shift in [0.0, 1000.0] {
            let mut row = [1.0 + shift, 2.0 + shift];
            let log_sum = softmax(&mut row);
            assert!((row[0] - 0.268_941).abs() < 1e-6 && (row[1] - 0.731_059).abs() < 1e-6, "{row:?}");
            assert!((log_sum - shift - 2.313_262).abs() < 1e-4, "{log_sum}");
        }
    }

    #[test]
    fn rows_agree_with_one_row() {
        let logits: Vec<f32> = (0..30).map(|index| crate::tests::value(index) * 9.0).collect();
        let mut gradients = vec![0.0; 40];
        let (from, to) = (Rows { values: &*logits, stride: 6 }, Rows { values: &mut *gradients, stride: 8 });
        let (loss_sum, correct) = cross_entropy_of_rows(from, 5, &[0, 4, 2, 1], 0.25, to);
        let (mut losses, mut right) = (0.0, 0);
        for ((row, gradient), label) in logits.chunks(6).zip(gradients.chunks(8)).zip([0, 4, 2, 1]) {
            let mut expected = row[..5].to_vec();
            right += usize::from(largest(&expected) == label);
            losses += f64::from(cross_entropy(&mut expected, label));
            assert!(expected.iter().zip(gradient).all(|(expected, gradient)| 0.25 * expected == *gradient));
        }
        assert_eq!((loss_sum, correct), (losses, right));
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for logits in [[f32::NAN, 1.0], [1.0, f32::NAN]] {
            assert!(softmax(&mut logits.clone()).is_nan());
            assert!(cross_entropy(&mut logits.clone(), 0).is_nan());
        }
    }

    #[test]
    fn probabilities_agree_with_double_precision() {
        let logits: Vec<f32> = (0..10).map(|class| (class * class) as f32 * -0.7 + 3.0).collect();
        let mut probabilities = logits.clone();
        let log_sum = softmax(&mut probabilities);
        let sum: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
        assert!((f64::from(log_sum) - sum.ln()).abs() < 1e-6);
        for (probability, logit) in probabilities.iter().zip(&logits) {
            let exact = f64::from(*logit).exp() / sum;
            assert!((f64::from(*probability) - exact).abs() < 1e-6 * exact, "{probability} is not {exact}");
        }
    }

    #[test]
    fn takes_the_first_of_equal_logits() {
        assert_eq!(largest(&[1.0, 3.0, 3.0, 2.0]), 1);
        assert_eq!(largest(&[f32::NAN, 1.0]), 0);
    }
}
