//! Probabilities and classes from logits.

/// Replaces a row of logits by their softmax, and returns the logarithm of the sum of their exponentials.
///
/// The largest logit is subtracted first, so that no exponential overflows.
pub fn softmax(logits: &mut [f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - largest).exp();
        sum += *logit;
    }
    for probability in logits.iter_mut() {
        *probability /= sum;
    }
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

/// Returns the index of the largest value, the first of equals.
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
    fn takes_the_first_of_equal_logits() {
        assert_eq!(largest(&[1.0, 3.0, 3.0, 2.0]), 1);
        assert_eq!(largest(&[f32::NAN, 1.0]), 0);
    }
}
