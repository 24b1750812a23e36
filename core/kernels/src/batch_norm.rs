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

/// Adds a block of `rows` rows to the mean, and to the sum of squared deviations, of each column of the `seen` rows
/// before it: [Chan, Golub and LeVeque, 1982](https://doi.org/10.1007/978-3-642-51461-6_3).
///
/// `block` is the means and then the sums of squared deviations of the block.
pub fn add_block_statistics(rows: f32, seen: f32, block: &[f32], means: &mut [f32], squares: &mut [f32]) {
    let (block_means, block_squares) = block.split_at(means.len());
    let share = rows / (seen + rows);
    let columns = means.iter_mut().zip(squares).zip(block_means).zip(block_squares);
    for (((mean, sum), block_mean), block_squares) in columns {
        let distance = block_mean - *mean;
        *mean += distance * share;
        *sum += block_squares + distance * distance * seen * share;
    }
}

/// Normalises each row `x`, then scales and shifts it (algorithm 1): `x' = (x - mean) inverse_deviation`,
/// `y = scale x' + shift`.
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

/// Computes the gradient `dx` of the inputs of [`normalise`] from that of its outputs, `dy` (section 3, combined):
/// `dx = (dy - (d shift + x' d scale) share) scale inverse_deviation`, where `share` is 1 over the number of rows, or 0
/// if mean and variance are not those of the rows.
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
