//! Batch normalisation folded into the layer before it.

use super::batch_norm::{EPSILON, array};
use super::values::values;
use super::{Hidden, Linear, NormalisedHidden};

/// Turns a trained layer with batch normalisation into one without, whose inference gives the same outputs.
///
/// With its running statistics, batch normalisation scales and shifts each output, which the linear layer before it can
/// do, too.
pub fn fold<const I: usize, const O: usize>((linear, norm, elu): NormalisedHidden<I, O>) -> Hidden<I, O> {
    let Linear { mut weight, mut bias } = linear;
    let (mut weights, mut biases) = (values(&weight), values(&bias));
    let [scale, shift, mean, variance] =
        [&norm.scale, &norm.shift, &norm.running_mean, &norm.running_variance].map(array);
    for (output, (row, bias)) in weights.chunks_exact_mut(I).zip(&mut biases).enumerate() {
        let factor = scale[output] / (variance[output] + EPSILON).sqrt();
        row.iter_mut().for_each(|weight| *weight *= factor);
        *bias = (*bias - mean[output]) * factor + shift[output];
    }
    weight.copy_from(&weights);
    bias.copy_from(&biases);
    (Linear { weight, bias }, elu)
}
