//! Products of matrices that stand row after row in slices.
#![allow(unsafe_code)]

/// A matrix over a slice, plain or transposed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: isize,
    column_stride: isize,
}

impl<'a> Matrix<'a> {
    /// Views `values` as a matrix `(rows, columns)`.
    ///
    /// # Panics
    /// If there are not `rows * columns` values.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix ({rows}, {columns})");
        Self { values, rows, columns, row_stride: columns as isize, column_stride: 1 }
    }

    /// Views the same values as the transposed matrix, `(columns, rows)`.
    pub(crate) fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// Multiplies `left`, `(m, k)`, by `right`, `(k, n)`, on the calling thread, and adds the result to `product`, `(m, n)`.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn matmul(left: Matrix<'_>, right: Matrix<'_>, product: &mut [f32]) {
    let (m, k, n) = (left.rows, left.columns, right.columns);
    assert_eq!(k, right.rows, "the inner dimensions");
    assert_eq!(product.len(), m * n, "a product ({m}, {n})");
    if n >= WIDE && m * n <= FEW_PRODUCTS && left.column_stride == 1 && right.row_stride == 1 {
        return matmul_few_rows(left, right, product);
    }
    // SAFETY: `Matrix::new` holds each slice to its rows and columns, which its strides walk exactly once in either
    // orientation; `product` was just held to `m * n`; and a mutable slice overlaps no shared one.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            product.as_mut_ptr(),
            1,
            n as isize,
            true,
            left.values.as_ptr(),
            left.column_stride,
            left.row_stride,
            right.values.as_ptr(),
            right.column_stride,
            right.row_stride,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// The largest product that `gemm` computes in another way, with other roundings.
const FEW_PRODUCTS: usize = 16 * 16;
/// Narrower layers are output layers, which nobody caches, and would need many copies.
const WIDE: usize = 32;

/// Multiplies a few rows by many columns, among copies of themselves. For layers as wide as the chapter's, the rows then get the same bits as in any batch, so that it changes nothing
/// when what layers make of a row is cached.
fn matmul_few_rows(left: Matrix<'_>, right: Matrix<'_>, product: &mut [f32]) {
    if product.is_empty() {
        return;
    }
    let copies = FEW_PRODUCTS / product.len() + 1;
    let mut products = product.repeat(copies);
    let rows = left.values.repeat(copies);
    matmul(Matrix::new(&rows, left.rows * copies, left.columns), right, &mut products);
    product.copy_from_slice(&products[..product.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_and_adds_in_both_orientations() {
        // [[1, 2, 3], [4, 5, 6]] times [[1, 0], [2, 1], [0, 3]], by hand.
        let left = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let right = [1.0, 0.0, 2.0, 1.0, 0.0, 3.0];
        let right_transposed = [1.0, 2.0, 0.0, 0.0, 1.0, 3.0];
        let expected = [5.0, 11.0, 14.0, 23.0];

        let mut product = [0.0; 4];
        matmul(Matrix::new(&left, 2, 3), Matrix::new(&right, 3, 2), &mut product);
        assert_eq!(product, expected);

        matmul(Matrix::new(&left, 2, 3), Matrix::new(&right_transposed, 2, 3).transposed(), &mut product);
        assert_eq!(product, expected.map(|value| 2.0 * value));
    }

    #[test]
    fn a_row_has_the_same_bits_in_any_batch() {
        let value = |index: usize| ((index * 7919) % 1000) as f32 / 1000.0 - 0.5;
        for (k, n) in [(784, 100), (100, 100), (100, 32)] {
            let rows: Vec<f32> = (0..500 * k).map(value).collect();
            let weights: Vec<f32> = (0..n * k).map(|index| value(index + 13)).collect();
            let product = |rows: &[f32]| {
                let mut product = vec![0.25; rows.len() / k * n];
                matmul(Matrix::new(rows, rows.len() / k, k), Matrix::new(&weights, n, k).transposed(), &mut product);
                product
            };
            let whole = product(&rows);
            for batch in [1, 2, 3, 7, 16, 33, 100] {
                for (batch, rows) in rows.chunks(batch * k).enumerate().map(|(index, rows)| (index * batch, rows)) {
                    let rows = product(rows);
                    assert_eq!(rows, whole[batch * n..][..rows.len()], "({k}, {n}) from row {batch}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "the inner dimensions")]
    fn refuses_shapes_that_do_not_fit() {
        matmul(Matrix::new(&[1.0; 6], 2, 3), Matrix::new(&[1.0; 4], 2, 2), &mut [0.0; 4]);
    }
}
