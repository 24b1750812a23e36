//! The exponential linear unit and its derivative.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

/// Replaces each `z` by ELU(z): `z` above 0, `exp(z) - 1` below (Clevert and others, 2015, with alpha = 1).
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn elu(values: &mut [f32]) {
    for value in values {
        let below = exp_minus_one(*value);
        *value = if *value > 0.0 { *value } else { below };
    }
}

/// Multiplies each gradient by the derivative of ELU: 1 where the output is above 0; `exp(z)`, which is the output + 1,
/// below.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn elu_backward(outputs: &[f32], gradients: &mut [f32]) {
    for (gradient, output) in gradients.iter_mut().zip(outputs) {
        *gradient *= if *output > 0.0 { 1.0 } else { output + 1.0 };
    }
}

/// Returns `exp(z) - 1` for `z` up to 0, with a relative error below 3e-7 and without a branch, so that a loop of it
/// vectorises.
///
/// With `z = n ln 2 + r` it is `2^n (exp(r) - 1) + (2^n - 1)`, where a Taylor polynomial of degree 7
/// gives `exp(r) - 1`.
#[inline(always)]
fn exp_minus_one(z: f32) -> f32 {
    /// Adding 1.5 * 2^23 to a small float leaves it rounded to an integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts (those of Cephes, `expf`): `n * LN_2_HIGH` is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let z = if z < -87.0 { -87.0 } else { z };
    let rounded = z * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (z - n * LN_2_HIGH) - n * LN_2_LOW;
    let two_to_n = f32::from_bits((rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127)) << 23);

    let mut polynomial = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0] {
        polynomial = polynomial * r + coefficient;
    }
    two_to_n * (polynomial * r) + (two_to_n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value computed in double precision.
    fn exact(z: f32) -> f32 {
        if z > 0.0 { z } else { f64::from(z).exp_m1() as f32 }
    }

    #[test]
    fn agrees_with_double_precision() {
        let zs: Vec<f32> = (-200_000..=20_000).map(|i| i as f32 * 0.5e-3).chain([-1e-30, -1e-7, 0.0, -1e30]).collect();
        let mut values = zs.clone();
        elu(&mut values);
        for (z, value) in zs.into_iter().zip(values) {
            let exact = exact(z);
            assert!((value - exact).abs() <= 3e-7 * exact.abs(), "ELU({z}) = {value}, not {exact}");
        }
    }

    #[test]
    fn passes_on_what_is_not_a_number() {
        let mut values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        elu(&mut values);
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [f32::INFINITY, -1.0]);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        let step = 1e-3;
        for z in [-5.0, -1.0, -0.1, 0.1, 3.0_f32] {
            let mut output = [z];
            elu(&mut output);
            let mut gradient = [2.0];
            elu_backward(&output, &mut gradient);
            let slope = (f64::from(exact(z + step)) - f64::from(exact(z - step))) / (2.0 * f64::from(step));
            assert!((f64::from(gradient[0]) - 2.0 * slope).abs() < 1e-3, "at {z}: {} not {}", gradient[0], 2.0 * slope);
        }
    }
}
