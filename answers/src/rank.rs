//! How many directions a layer's neurons look in.

use dfdx::prelude::*;

/// What is left of a row counts as nothing below this fraction of the longest row.
const TOLERANCE: f64 = 1e-3;

/// Returns the rank of a layer's weights, `(O, I)`, up to rounding: how many of its neurons' weights are no combination of others'.
///
/// Gram-Schmidt with pivoting: the longest row is taken, its direction removed from all rows, and so on until nothing is left.
///
/// # Example
/// ```
/// use answers::rank::rank;
/// use dfdx::prelude::*;
///
/// let dev = Cpu::default();
/// assert_eq!(rank(&dev.tensor([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 3.0]])), 2);
/// ```
pub fn rank<const O: usize, const I: usize>(weight: &Tensor<Rank2<O, I>, f32, Cpu>) -> usize {
    let mut rows: Vec<Vec<f64>> =
        weight.as_vec().chunks(I).map(|row| row.iter().map(|&w| w.into()).collect()).collect();
    let longest = |rows: &[Vec<f64>]| rows.iter().map(|row| norm(row)).fold(0.0, f64::max);
    let scale = longest(&rows);
    let mut rank = 0;
    while let Some(index) = (0..rows.len()).max_by(|&a, &b| norm(&rows[a]).total_cmp(&norm(&rows[b]))) {
        let pivot = rows.swap_remove(index);
        let length = norm(&pivot);
        if length <= TOLERANCE * scale {
            break;
        }
        rank += 1;
        for row in &mut rows {
            let along = dot(row, &pivot) / (length * length);
            row.iter_mut().zip(&pivot).for_each(|(value, direction)| *value -= along * direction);
        }
    }
    rank
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(row: &[f64]) -> f64 {
    dot(row, row).sqrt()
}
