//! The leaky rectified linear unit and its derivative; with slope 0, the rectified linear unit.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

/// Replaces each `z` by itself above 0, by `slope * z` below.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn leaky_relu(slope: f32, values: &mut [f32]) {
    for value in values {
        *value = if *value > 0.0 { *value } else { slope * *value };
    }
}

/// Multiplies each gradient by the derivative: 1 where the output is above 0, `slope` elsewhere.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn leaky_relu_backward(slope: f32, outputs: &[f32], gradients: &mut [f32]) {
    for (gradient, output) in gradients.iter_mut().zip(outputs) {
        *gradient *= if *output > 0.0 { 1.0 } else { slope };
    }
}
