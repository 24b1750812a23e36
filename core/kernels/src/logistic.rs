//! The logistic function, and its loss.

/// Returns the logistic function of a logit, `1 / (1 + exp(-z))`.
pub fn logistic(z: f32) -> f32 {
    // The exponential of a negative number does not overflow.
    let exp = (-z.abs()).exp();
    (if z >= 0.0 { 1.0 } else { exp }) / (1.0 + exp)
}

/// Replaces each `z` by the logistic function of it.
pub fn logistic_of_each(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = logistic(*value));
}

/// Multiplies each gradient by the derivative of the logistic function, `y (1 - y)` for an output `y`.
pub fn logistic_backward(outputs: &[f32], gradients: &mut [f32]) {
    for (gradient, output) in gradients.iter_mut().zip(outputs) {
        *gradient *= output * (1.0 - output);
    }
}

/// Returns the negative logarithm of the probability that the logit `z` gives to the label, which is 1 if `one` and 0
/// otherwise.
pub fn logistic_loss(z: f32, one: bool) -> f32 {
    z.max(0.0) - if one { z } else { 0.0 } + (-z.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_with_double_precision_and_survive_large_logits() {
        for z in [-1e30, -1000.0, -88.0, -20.0, -1.0, -1e-3, 0.0, 0.5, 17.0, 100.0, 1e30_f32] {
            let exact = 1.0 / (1.0 + (-f64::from(z)).exp());
            assert!((f64::from(logistic(z)) - exact).abs() <= 1e-7 + 2e-6 * exact, "at {z}: {}", logistic(z));
            // For logits this large, ln(1 + exp(-z)) is 0 in double precision, too.
            let exact = |z: f64| if z > 700.0 { z } else { z.exp().ln_1p() };
            for (one, exact) in [(false, exact(z.into())), (true, exact(-f64::from(z)))] {
                let loss = f64::from(logistic_loss(z, one));
                assert!((loss - exact).abs() <= 1e-7 + 1e-6 * exact, "at {z}: {loss}, not {exact}");
            }
        }
        assert!(logistic(f32::NAN).is_nan() && logistic_loss(f32::NAN, true).is_nan());
    }
}
