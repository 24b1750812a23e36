//! Transposed copies of matrices.

use super::LANES;

/// Writes the transpose of `matrix`, `(rows, columns)`; `stride` and `to_stride` are the distances from row to row in
/// each.
///
/// # Panics
/// If a matrix has too few values.
pub fn transpose(matrix: &[f32], rows: usize, columns: usize, stride: usize, transposed: &mut [f32], to_stride: usize) {
    let row = |row: usize| &matrix[row * stride..][..columns];
    let whole = rows - rows % LANES;
    for first in (0..whole).step_by(LANES) {
        let block: [&[f32]; LANES] = std::array::from_fn(|index| row(first + index));
        for column in 0..columns {
            let to = &mut transposed[column * to_stride + first..][..LANES];
            for (to, from) in to.iter_mut().zip(&block) {
                *to = from[column];
            }
        }
    }
    for index in whole..rows {
        for (column, value) in row(index).iter().enumerate() {
            transposed[column * to_stride + index] = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::value;

    #[test]
    fn a_transpose_is_turned_back() {
        let original: Vec<f32> = (0..37 * 21).map(value).collect();
        let (mut turned, mut back) = (vec![0.0; 21 * 40], vec![0.0; 37 * 21]);
        transpose(&original, 37, 21, 21, &mut turned, 40);
        assert_eq!(turned[3 * 40 + 36], original[36 * 21 + 3]);
        transpose(&turned, 21, 37, 40, &mut back, 21);
        assert_eq!(back, original);
    }
}
