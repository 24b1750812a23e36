//! Batch normalisation over the rows of a matrix: [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167).

/// Returns the mean and the variance (over `n`) of each column of `rows`, `(n, N)`.
pub fn column_statistics<const N: usize>(rows: &[f32]) -> ([f32; N], [f32; N]) {
    let n = (rows.len() / N) as f32;
    let mut mean = [0.0; N];
    super::add_rows(rows, &mut mean);
    mean.iter_mut().for_each(|mean| *mean /= n); // mean = sum(x) / n
    let mut variance = [0.0; N];
    for row in rows.chunks_exact(N) {
        for ((variance, value), mean) in variance.iter_mut().zip(row).zip(&mean) {
            *variance += (value - mean) * (value - mean);
        }
    }
    variance.iter_mut().for_each(|variance| *variance /= n); // variance = sum((x - mean)^2) / n
    (mean, variance)
}

/// Replaces each row `x` of `rows`, `(n, N)`, by `(x - mean) * factor + shift`.
pub fn scale_and_shift<const N: usize>(rows: &mut [f32], mean: &[f32; N], factor: &[f32; N], shift: &[f32; N]) {
    for row in rows.chunks_exact_mut(N) {
        for (((value, mean), factor), shift) in row.iter_mut().zip(mean).zip(factor).zip(shift) {
            *value = (*value - mean) * factor + shift;
        }
    }
}

/// Computes the backward pass of batch normalisation; `own_statistics` says whether mean and variance were the batch's
/// own.
///
/// `normalised`, `(n, N)`, are the inputs after normalisation and before scale and shift; `gradient`, `(n, N)`, is that
/// of the outputs and becomes that of the inputs. Returns the gradients of scale and shift. The paper's formulas
/// (section 3) are combined, with `x'` for a normalised input and `y = scale x' + shift`.
pub fn batch_norm_backward<const N: usize>(
    normalised: &[f32],
    scale: &[f32],
    inverse_deviation: &[f32; N],
    own_statistics: bool,
    gradient: &mut [f32],
) -> ([f32; N], [f32; N]) {
    // Statistics other than the batch's own do not depend on its rows, and pass no gradient on to them.
    let share = if own_statistics { N as f32 / gradient.len() as f32 } else { 0.0 };
    let (mut of_scale, mut of_shift) = ([0.0; N], [0.0; N]);
    for (gradient, normalised) in gradient.chunks_exact(N).zip(normalised.chunks_exact(N)) {
        for column in 0..N {
            of_scale[column] += gradient[column] * normalised[column]; // d scale = sum(dy x')
            of_shift[column] += gradient[column]; // d shift = sum(dy)
        }
    }
    for (gradient, normalised) in gradient.chunks_exact_mut(N).zip(normalised.chunks_exact(N)) {
        for column in 0..N {
            // dx = (dy - (d shift + x' d scale) / n) scale / sqrt(variance + epsilon)
            let centred = gradient[column] - share * (of_shift[column] + normalised[column] * of_scale[column]);
            gradient[column] = centred * scale[column] * inverse_deviation[column];
        }
    }
    (of_scale, of_shift)
}
