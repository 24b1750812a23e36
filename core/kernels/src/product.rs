//! Products of matrices, which are slices, row after row.
//!
//! Every number of a product is a chain of fused multiply-adds in the order of the inner dimension, whatever the other
//! two dimensions are: a row has the same bits in any batch, and a product has the same bits however it is split among
//! threads.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::matrix::holds;
use super::{Left, Onto, Rows};

/// How many numbers are computed side by side: those of an AVX-512 vector.
pub const LANES: usize = 16;
/// The most vectors of a row that stay in registers together.
pub(super) const VECTORS: usize = 7;

/// Computes `left`, `(m, k)`, times `right`, `(k, columns)`, added to what `onto` says: `product`, `(m, columns)`.
///
/// # Panics
/// If a matrix has too few values.
pub fn add_product(left: Left<'_>, right: Rows<&[f32]>, columns: usize, onto: Onto<'_>, product: Rows<&mut [f32]>) {
    let enough = |values: usize, rows: usize, stride: usize| rows == 0 || values >= (rows - 1) * stride + columns;
    assert!(enough(right.values.len(), left.depth, right.stride), "the right side has too few values");
    assert!(enough(product.values.len(), left.rows, product.stride), "the product has too few values");
    assert!(!matches!(onto, Onto::Row(row) if row.len() < columns), "the row has too few values");
    add_product_versions(left, right.values, right.stride, columns, onto, product.values, product.stride);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn add_product_versions(
    left: Left<'_>,
    right: &[f32],
    right_stride: usize,
    columns: usize,
    onto: Onto<'_>,
    product: &mut [f32],
    stride: usize,
) {
    let fused = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    match (fused, target_cfg_f!(target_feature = "avx512f")) {
        (true, true) => add_product_by::<true, true>(left, right, right_stride, columns, onto, product, stride),
        (true, false) => add_product_by::<true, false>(left, right, right_stride, columns, onto, product, stride),
        (false, _) => add_product_by::<false, false>(left, right, right_stride, columns, onto, product, stride),
    }
}

/// `FUSED` tells whether the processor multiplies and adds in one instruction, `WIDE` whether it has the 32 registers of
/// 16 numbers of AVX-512. There, blocks of 3 rows and up to 7 vectors take 21 registers, and the factors the others.
/// Elsewhere, blocks have 6 rows of 16 numbers, which take 12 of AVX2's 16 registers.
#[inline(always)]
fn add_product_by<const FUSED: bool, const WIDE: bool>(
    mut left: Left<'_>,
    right: &[f32],
    right_stride: usize,
    columns: usize,
    onto: Onto<'_>,
    mut product: &mut [f32],
    stride: usize,
) {
    let at_once = if WIDE && columns >= 4 * LANES { 3 } else { 6 };
    while left.rows > 0 {
        let done = match left.rows.min(at_once) {
            1 => add_rows::<FUSED, WIDE, 1>(left, right, right_stride, columns, onto, product, stride),
            2 => add_rows::<FUSED, WIDE, 2>(left, right, right_stride, columns, onto, product, stride),
            3 => add_rows::<FUSED, WIDE, 3>(left, right, right_stride, columns, onto, product, stride),
            4 => add_rows::<FUSED, WIDE, 4>(left, right, right_stride, columns, onto, product, stride),
            5 => add_rows::<FUSED, WIDE, 5>(left, right, right_stride, columns, onto, product, stride),
            _ => add_rows::<FUSED, WIDE, 6>(left, right, right_stride, columns, onto, product, stride),
        };
        left = left.starting_at(done);
        product = product.get_mut(done * stride..).unwrap_or_default();
    }
}

/// Computes the first `R` rows, and returns `R`.
#[inline(always)]
fn add_rows<const FUSED: bool, const WIDE: bool, const R: usize>(
    left: Left<'_>,
    right: &[f32],
    right_stride: usize,
    columns: usize,
    onto: Onto<'_>,
    product: &mut [f32],
    stride: usize,
) -> usize {
    let mut column = 0;
    while column < columns {
        // Without depth, the right side is empty.
        let right = right.get(column..).unwrap_or_default();
        let (onto, product) = (onto.starting_at(column), &mut product[column..]);
        let (vectors, rest) = ((columns - column) / LANES, (columns - column) % LANES);
        column += match (vectors, rest) {
            (VECTORS.., _) if WIDE && R <= 3 => {
                add_block::<FUSED, R, VECTORS, 0>(left, right, right_stride, onto, product, stride)
            }
            (6, 8..) if WIDE && R <= 3 => add_block::<FUSED, R, 6, 8>(left, right, right_stride, onto, product, stride),
            (6, 4..) if WIDE && R <= 3 => add_block::<FUSED, R, 6, 4>(left, right, right_stride, onto, product, stride),
            (4.., _) if WIDE && R <= 3 => add_block::<FUSED, R, 4, 0>(left, right, right_stride, onto, product, stride),
            (3.., 4..) if WIDE => add_block::<FUSED, R, 3, 4>(left, right, right_stride, onto, product, stride),
            (3.., _) if WIDE => add_block::<FUSED, R, 3, 0>(left, right, right_stride, onto, product, stride),
            (2, _) if WIDE => add_block::<FUSED, R, 2, 0>(left, right, right_stride, onto, product, stride),
            (1.., _) => add_block::<FUSED, R, 1, 0>(left, right, right_stride, onto, product, stride),
            (0, 8..) => add_block::<FUSED, R, 0, 8>(left, right, right_stride, onto, product, stride),
            (0, 4..) => add_block::<FUSED, R, 0, 4>(left, right, right_stride, onto, product, stride),
            (0, 2..) => add_block::<FUSED, R, 0, 2>(left, right, right_stride, onto, product, stride),
            (0, _) => add_block::<FUSED, R, 0, 1>(left, right, right_stride, onto, product, stride),
        };
    }
    R
}

/// Computes `R` rows of `V` vectors and `W` more columns, all of which stay in registers; returns how many columns that
/// are.
#[inline(always)]
fn add_block<const FUSED: bool, const R: usize, const V: usize, const W: usize>(
    left: Left<'_>,
    right: &[f32],
    right_stride: usize,
    onto: Onto<'_>,
    product: &mut [f32],
    stride: usize,
) -> usize {
    let columns = V * LANES + W;
    let mut sums = [([[0.0_f32; LANES]; V], [0.0_f32; W]); R];
    for (row, (vectors, rest)) in sums.iter_mut().enumerate() {
        let start = match onto {
            Onto::Zero => continue,
            Onto::Row(row) => &row[..columns],
            Onto::Product => &product[row * stride..][..columns],
        };
        vectors.as_flattened_mut().copy_from_slice(&start[..V * LANES]);
        rest.copy_from_slice(&start[V * LANES..]);
    }
    assert!(left.reaches(R) && (left.depth == 0 || holds(right, [(left.depth, right_stride), (columns, 1)])));
    for k in 0..left.depth {
        // SAFETY: both sides have `depth` rows or columns, which was just checked.
        let (right, factors): (_, [f32; R]) = unsafe {
            let factor = |row| *left.values.get_unchecked(row * left.row_stride + k * left.depth_stride);
            (right.get_unchecked(k * right_stride..).get_unchecked(..columns), std::array::from_fn(factor))
        };
        // Each number is read once, into a register.
        let (mut vectors, mut rest) = ([[0.0_f32; LANES]; V], [0.0_f32; W]);
        vectors.as_flattened_mut().copy_from_slice(&right[..V * LANES]);
        rest.copy_from_slice(&right[V * LANES..]);
        for v in 0..V {
            for (factor, (sums, _)) in factors.iter().zip(&mut sums) {
                for (sum, value) in sums[v].iter_mut().zip(&vectors[v]) {
                    *sum = multiply_add::<FUSED>(*factor, *value, *sum);
                }
            }
        }
        for (factor, (_, sums)) in factors.iter().zip(&mut sums) {
            for (sum, value) in sums.iter_mut().zip(&rest) {
                *sum = multiply_add::<FUSED>(*factor, *value, *sum);
            }
        }
    }
    for (row, (vectors, rest)) in sums.iter().enumerate() {
        let product = &mut product[row * stride..][..columns];
        product[..V * LANES].copy_from_slice(vectors.as_flattened());
        product[V * LANES..].copy_from_slice(rest);
    }
    columns
}

/// Returns `factor * value + sum`, in one rounding if the processor has an instruction for it; without, it would be
/// slow.
#[inline(always)]
pub(super) fn multiply_add<const FUSED: bool>(factor: f32, value: f32, sum: f32) -> f32 {
    if FUSED { factor.mul_add(value, sum) } else { factor * value + sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::value;

    fn matrix(values: usize, from: usize) -> Vec<f32> {
        (0..values).map(|index| value(index + from)).collect()
    }

    fn product(left: Left<'_>, right: &[f32], columns: usize) -> Vec<f32> {
        let mut product = vec![0.25; left.rows * columns];
        add_product(
            left,
            Rows { values: right, stride: columns },
            columns,
            Onto::Product,
            Rows { values: &mut product, stride: columns },
        );
        product
    }

    fn has_fused_instructions() -> bool {
        #[cfg(target_arch = "x86_64")]
        return std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
        #[cfg(not(target_arch = "x86_64"))]
        return cfg!(target_arch = "aarch64");
    }

    #[test]
    fn multiplies_and_adds_in_both_orientations() {
        // [[1, 2, 3], [4, 5, 6]] times [[1, 0], [2, 1], [0, 3]], by hand.
        let expected = [5.25, 11.25, 14.25, 23.25];
        let right = [1.0, 0.0, 2.0, 1.0, 0.0, 3.0];
        assert_eq!(product(Left::plain(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3, 3), &right, 2), expected);
        assert_eq!(product(Left::transposed(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0], 2, 3, 2), &right, 2), expected);
    }

    #[test]
    fn all_shapes_agree_with_double_precision_with_and_without_fused_instructions() {
        for (rows, depth) in [(1, 1), (2, 30), (3, 5), (4, 0), (5, 7), (11, 100)] {
            for columns in [1, 5, 15, 16, 17, 32, 100, 112, 160, 177] {
                let (left, right) = (matrix(rows * depth, 1), matrix(depth * columns, 5));
                let side = Left::plain(&left, rows, depth, depth);
                let ours = product(side, &right, columns);
                // AVX2's blocks give the bits of AVX-512's.
                let [mut narrow, mut wide] = [(); 2].map(|()| vec![0.25; rows * columns]);
                add_product_by::<true, false>(side, &right, columns, columns, Onto::Product, &mut narrow, columns);
                add_product_by::<true, true>(side, &right, columns, columns, Onto::Product, &mut wide, columns);
                assert!(narrow == wide, "({rows}, {depth}, {columns})");
                assert!(narrow == ours || !has_fused_instructions(), "({rows}, {depth}, {columns})");
                let mut scalar = vec![0.25; rows * columns];
                add_product_by::<false, false>(side, &right, columns, columns, Onto::Product, &mut scalar, columns);
                for (index, (ours, scalar)) in ours.iter().zip(&scalar).enumerate() {
                    let (row, column) = (index / columns, index % columns);
                    let term = |k| f64::from(left[row * depth + k]) * f64::from(right[k * columns + column]);
                    let exact = 0.25 + (0..depth).map(term).sum::<f64>();
                    for value in [ours, scalar] {
                        assert!((f64::from(*value) - exact).abs() < 1e-5, "({rows}, {depth}, {columns}): {value}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_in_any_batch() {
        for (k, n) in [(784, 100), (100, 100), (100, 5), (10, 10)] {
            let (rows, right) = (matrix(500 * k, 0), matrix(k * n, 13));
            let whole = product(Left::plain(&rows, 500, k, k), &right, n);
            for batch in [1, 2, 3, 7, 16, 33, 100] {
                for (batch, rows) in rows.chunks(batch * k).enumerate().map(|(index, rows)| (index * batch, rows)) {
                    let rows = product(Left::plain(rows, rows.len() / k, k, k), &right, n);
                    assert_eq!(rows, whole[batch * n..][..rows.len()], "({k}, {n}) from row {batch}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "the right side has too few values")]
    fn refuses_shapes_that_do_not_fit() {
        product(Left::plain(&[1.0; 6], 2, 3, 3), &[1.0; 4], 2);
    }
}
