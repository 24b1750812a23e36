//! Batch normalisation over the rows of a matrix: [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167).
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

/// Computes the mean and the variance (over `n`) of each column of `rows`, `(n, mean.len())`.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn column_statistics(rows: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    let width = mean.len();
    let n = (rows.len() / width) as f32;
    mean.fill(0.0);
    variance.fill(0.0);
    for row in rows.chunks_exact(width) {
        for (mean, value) in mean.iter_mut().zip(row) {
            *mean += value;
        }
    }
    mean.iter_mut().for_each(|mean| *mean /= n); // mean = sum(x) / n
    for row in rows.chunks_exact(width) {
        for ((variance, value), mean) in variance.iter_mut().zip(row).zip(&*mean) {
            *variance += (value - mean) * (value - mean);
        }
    }
    variance.iter_mut().for_each(|variance| *variance /= n); // variance = sum((x - mean)^2) / n
}

/// Normalises each row `x`, then scales and shifts it (algorithm 1): `x' = (x - mean) inverse_deviation`,
/// `y = scale x' + shift`.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn normalise(
    x: &[f32],
    normalised: &mut [f32],
    outputs: &mut [f32],
    [mean, inverse_deviation]: [&[f32]; 2],
    [scale, shift]: [&[f32]; 2],
) {
    let width = mean.len();
    let rows = x.chunks_exact(width).zip(normalised.chunks_exact_mut(width)).zip(outputs.chunks_exact_mut(width));
    for ((x, normalised), outputs) in rows {
        for column in 0..width {
            normalised[column] = (x[column] - mean[column]) * inverse_deviation[column];
            outputs[column] = normalised[column] * scale[column] + shift[column];
        }
    }
}

/// Computes the gradients of scale and shift from `dy`, the gradient of the outputs, and `x'`, the normalised inputs:
/// `d scale = sum(dy x')`, `d shift = sum(dy)`.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn column_gradients(gradient: &[f32], normalised: &[f32], of_scale: &mut [f32], of_shift: &mut [f32]) {
    let width = of_scale.len();
    of_scale.fill(0.0);
    of_shift.fill(0.0);
    for (gradient, normalised) in gradient.chunks_exact(width).zip(normalised.chunks_exact(width)) {
        for column in 0..width {
            of_scale[column] += gradient[column] * normalised[column];
            of_shift[column] += gradient[column];
        }
    }
}

/// Computes the gradient `dx` of the inputs of [`normalise`] from that of its outputs, `dy` (section 3, combined):
/// `dx = (dy - (d shift + x' d scale) share) scale inverse_deviation`, where `share` is 1 over the number of rows, or 0
/// if mean and variance are not those of the rows.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub fn normalise_backward(
    gradient: &[f32],
    normalised: &[f32],
    inputs: &mut [f32],
    [of_scale, of_shift]: [&[f32]; 2],
    [scale, inverse_deviation]: [&[f32]; 2],
    share: f32,
) {
    let width = scale.len();
    let rows = gradient.chunks_exact(width).zip(normalised.chunks_exact(width)).zip(inputs.chunks_exact_mut(width));
    for ((gradient, normalised), inputs) in rows {
        for column in 0..width {
            let of_statistics = of_shift[column] + normalised[column] * of_scale[column];
            let centred = gradient[column] - share * of_statistics;
            inputs[column] = centred * scale[column] * inverse_deviation[column];
        }
    }
}
