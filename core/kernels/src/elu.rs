//! The exponential linear unit and its derivative.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::exp::exp_parts;
use super::product::multiply_add;

/// Replaces each `z` by ELU(z): `z` above 0, `exp(z) - 1` below (Clevert and others, 2015, with alpha = 1).
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn elu(values: &mut [f32]) {
    if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
        values.iter_mut().for_each(|value| *value = elu_of::<true>(*value));
    } else {
        values.iter_mut().for_each(|value| *value = elu_of::<false>(*value));
    }
}

/// With `exp(z) = 2^n (1 + e)`, `exp(z) - 1` is `2^n e + (2^n - 1)`.
#[inline(always)]
fn elu_of<const FUSED: bool>(z: f32) -> f32 {
    let (two_to_n, e) = exp_parts::<FUSED>(z);
    let below = multiply_add::<FUSED>(two_to_n, e, two_to_n - 1.0);
    if z > 0.0 { z } else { below }
}

/// Multiplies each gradient by the derivative of ELU: 1 where the output is above 0; `exp(z)`, which is the output + 1,
/// below.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn elu_backward(outputs: &[f32], gradients: &mut [f32]) {
    for (gradient, output) in gradients.iter_mut().zip(outputs) {
        *gradient *= if *output > 0.0 { 1.0 } else { output + 1.0 };
    }
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
