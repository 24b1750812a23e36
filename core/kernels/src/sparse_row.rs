//! A row of a product whose left side is mostly zeros.
//!
//! The sums have the bits of the full product, since adding a product with 0 changes none.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::product::{LANES, Rows, VECTORS, multiply_add};

/// Adds to `product` each of `factors` times the row of `right` whose number is beside it in `rows`, in order: a row of
/// a product whose left side has these factors and is 0 elsewhere.
///
/// # Panics
/// If `right` does not have one of the rows.
pub fn add_sparse_row(factors: &[f32], rows: &[u16], right: Rows<&[f32]>, product: &mut [f32]) {
    debug_assert_eq!(factors.len(), rows.len());
    add_sparse_row_versions(factors, rows, right.values, right.stride, product);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn add_sparse_row_versions(factors: &[f32], rows: &[u16], right: &[f32], stride: usize, product: &mut [f32]) {
    if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
        add_sparse_row_by::<true>(factors, rows, right, stride, product);
    } else {
        add_sparse_row_by::<false>(factors, rows, right, stride, product);
    }
}

#[inline(always)]
fn add_sparse_row_by<const FUSED: bool>(
    factors: &[f32],
    rows: &[u16],
    right: &[f32],
    stride: usize,
    product: &mut [f32],
) {
    let mut column = 0;
    while column < product.len() {
        let (right, product) = (&right[column..], &mut product[column..]);
        let left = product.len();
        column += match left / LANES {
            0 if left >= 8 => add_sparse_narrow::<FUSED, 8>(factors, rows, right, stride, product),
            0 if left >= 4 => add_sparse_narrow::<FUSED, 4>(factors, rows, right, stride, product),
            0 if left >= 2 => add_sparse_narrow::<FUSED, 2>(factors, rows, right, stride, product),
            0 => add_sparse_narrow::<FUSED, 1>(factors, rows, right, stride, product),
            1 => add_sparse_block::<FUSED, 1>(factors, rows, right, stride, product),
            2 => add_sparse_block::<FUSED, 2>(factors, rows, right, stride, product),
            3 => add_sparse_block::<FUSED, 3>(factors, rows, right, stride, product),
            4 => add_sparse_block::<FUSED, 4>(factors, rows, right, stride, product),
            5 => add_sparse_block::<FUSED, 5>(factors, rows, right, stride, product),
            6 => add_sparse_block::<FUSED, 6>(factors, rows, right, stride, product),
            _ => add_sparse_block::<FUSED, VECTORS>(factors, rows, right, stride, product),
        };
    }
}

#[inline(always)]
fn add_sparse_narrow<const FUSED: bool, const W: usize>(
    factors: &[f32],
    rows: &[u16],
    right: &[f32],
    stride: usize,
    product: &mut [f32],
) -> usize {
    let mut sums = [0.0_f32; W];
    sums.copy_from_slice(&product[..W]);
    for (&factor, &row) in factors.iter().zip(rows) {
        let values = &right[usize::from(row) * stride..][..W];
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum = multiply_add::<FUSED>(factor, *value, *sum);
        }
    }
    product[..W].copy_from_slice(&sums);
    W
}

#[inline(always)]
fn add_sparse_block<const FUSED: bool, const V: usize>(
    factors: &[f32],
    rows: &[u16],
    right: &[f32],
    stride: usize,
    product: &mut [f32],
) -> usize {
    let mut sums = [[0.0_f32; LANES]; V];
    sums.as_flattened_mut().copy_from_slice(&product[..V * LANES]);
    for (&factor, &row) in factors.iter().zip(rows) {
        let vectors: &[[f32; LANES]] = right[usize::from(row) * stride..][..V * LANES].as_chunks().0;
        for (sums, vector) in sums.iter_mut().zip(vectors) {
            for (sum, value) in sums.iter_mut().zip(vector) {
                *sum = multiply_add::<FUSED>(factor, *value, *sum);
            }
        }
    }
    product[..V * LANES].copy_from_slice(sums.as_flattened());
    V * LANES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::value;
    use crate::{Left, add_product};

    #[test]
    fn zeros_may_be_left_out() {
        for columns in [5, 16, 100, 130] {
            let left: Vec<f32> = (0..60).map(|index| if index % 3 == 0 { value(index) } else { 0.0 }).collect();
            let right: Vec<f32> = (0..60 * columns).map(|index| value(index + 3)).collect();
            let rows = || Rows { values: right.as_slice(), stride: columns };
            let mut whole = vec![0.25; columns];
            add_product(Left::plain(&left, 1, 60, 60), rows(), columns, Rows { values: &mut whole, stride: columns });
            let kept: Vec<u16> = (0..60).filter(|&row| left[usize::from(row)] != 0.0).collect();
            let factors: Vec<f32> = kept.iter().map(|&row| left[usize::from(row)]).collect();
            let mut sparse = vec![0.25; columns];
            add_sparse_row(&factors, &kept, rows(), &mut sparse);
            assert_eq!(sparse, whole);
        }
    }
}
