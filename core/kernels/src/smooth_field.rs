//! Random fields over an image that are smooth, since a Gaussian has gone over them.

use super::LANES;

/// The rows and the columns of an image.
pub(super) const SIDE: usize = 28;
/// A row of an image with room to its right, in whole vectors.
pub(super) const STRIDE: usize = 2 * LANES;

/// The most nodes in a row.
pub(super) const MOST_NODES: usize = LANES;

/// How far the nodes go beyond the first and the last pixel, in standard deviations: there is hardly a weight there.
const BEYOND: f32 = 2.0;

/// What random numbers weigh at each pixel of a row or a column of an image.
///
/// A field of a random number at every pixel, smoothed by a Gaussian, has no detail that is finer than the Gaussian. So
/// the random numbers stand as far apart as its standard deviation, and weigh as much more as they are fewer: the
/// field's variance and its correlations are the same within two in ten thousand. With a Gaussian of 4 pixels, there are
/// 12 nodes in a row, an eighth of the arithmetic.
#[derive(Debug, Clone)]
pub struct SmoothField {
    /// `(nodes, STRIDE)`: a row of pixels for each node.
    pub(super) weights: Vec<[f32; STRIDE]>,
}

impl SmoothField {
    /// Computes the weights for a Gaussian of this standard deviation, in pixels.
    ///
    /// # Panics
    /// If it is not at least 2.5, since there would be too many nodes.
    pub fn new(deviation: f32) -> Self {
        assert!(deviation >= 2.5, "a standard deviation of {deviation}, not of 2.5 pixels or more");
        let middle = (SIDE - 1) as f32 / 2.0;
        // As many on either side of the middle.
        let half = (middle / deviation + BEYOND + 0.5).ceil() as usize;
        // The squares of a Gaussian's values at all pixels add up to 1 / (2 sqrt(pi) deviation); those of these weights, too.
        let largest = (std::f32::consts::TAU * deviation).sqrt().recip();
        let weights = |node: usize| {
            let place = middle + (node as f32 + 0.5 - half as f32) * deviation;
            let mut row = [0.0; STRIDE];
            for (pixel, weight) in row[..SIDE].iter_mut().enumerate() {
                let distance = (pixel as f32 - place) / deviation;
                *weight = largest * (-0.5 * distance * distance).exp();
            }
            row
        };
        Self { weights: (0..2 * half).map(weights).collect() }
    }

    /// Returns how many nodes there are in a row, and how many rows of them; at most 16.
    pub fn nodes(&self) -> usize {
        self.weights.len()
    }
}

/// Sums up each column of numbers at the nodes, `(nodes, nodes)`, for each row of pixels: `sums`, `(SIDE, MOST_NODES)`.
#[inline(always)]
pub(super) fn smooth_columns(field: &SmoothField, numbers: &[[f32; MOST_NODES]], sums: &mut [[f32; MOST_NODES]; SIDE]) {
    /// So many rows together keep a processor busy while it waits for the last sum of each.
    const TOGETHER: usize = 4;
    for (first, rows) in (0..).step_by(TOGETHER).zip(sums.as_chunks_mut::<TOGETHER>().0) {
        let mut sums = [[0.0; MOST_NODES]; TOGETHER];
        for (weights, numbers) in field.weights.iter().zip(numbers) {
            for (sums, weight) in sums.iter_mut().zip(&weights[first..first + TOGETHER]) {
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    *sum += weight * number;
                }
            }
        }
        *rows = sums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gaussian at this distance from its middle.
    fn gaussian(distance: f64, deviation: f64) -> f64 {
        (-0.5 * (distance / deviation).powi(2)).exp() / (deviation * std::f64::consts::TAU.sqrt())
    }

    #[test]
    fn variance_and_correlations_are_those_of_a_random_number_at_every_pixel() {
        for deviation in [2.5_f32, 3.0, 4.0, 8.0, 20.0] {
            let field = SmoothField::new(deviation);
            assert!(field.nodes() <= MOST_NODES);
            let weight = |node: &[f32; STRIDE], pixel: usize| f64::from(node[pixel]);
            let variance = 0.5 / (std::f64::consts::PI.sqrt() * f64::from(deviation));
            for pixel in 0..SIDE {
                for other in pixel..SIDE {
                    let ours: f64 = field.weights.iter().map(|node| weight(node, pixel) * weight(node, other)).sum();
                    let at = |from: i32, to: usize| gaussian(f64::from(from) - to as f64, f64::from(deviation));
                    let dense: f64 = (-100..130).map(|from| at(from, pixel) * at(from, other)).sum();
                    let off = (ours - dense).abs() / variance;
                    assert!(off < 1.1e-4, "deviation {deviation}, pixels {pixel} and {other}: {off}");
                }
            }
        }
    }

    #[test]
    fn a_row_of_sums_is_the_product_with_the_weights() {
        let field = SmoothField::new(4.0);
        let numbers: Vec<[f32; MOST_NODES]> =
            (0..field.nodes()).map(|row| std::array::from_fn(|at| crate::tests::value(row * 31 + at))).collect();
        let mut rows = [[0.0; MOST_NODES]; SIDE];
        smooth_columns(&field, &numbers, &mut rows);
        for (y, row) in rows.iter().enumerate() {
            for (at, sum) in row.iter().enumerate() {
                let expected: f32 = field.weights.iter().zip(&numbers).map(|(node, row)| node[y] * row[at]).sum();
                assert_eq!(*sum, expected);
            }
        }
    }
}
