//! A row of a product whose left side is mostly zeros.
//!
//! The sums have the bits of the full product, since adding a product with 0 changes none.

use super::product::{LANES, VECTORS, multiply_add};
use super::{Number, Onto};

/// Computes the sum of each number of a row times the row of `right` whose number is its column's, in order, added to what
/// `onto` says.
#[inline(always)]
pub(super) fn add_sparse_row<const FUSED: bool, T: Number>(
    row: (&[T], &[u16]),
    (right, stride): (&[f32], usize),
    onto: Onto<'_>,
    product: &mut [f32],
) {
    let mut column = 0;
    while column < product.len() {
        let (right, onto, product) = ((&right[column..], stride), onto.starting_at(column), &mut product[column..]);
        let (vectors, rest) = (product.len() / LANES, product.len() % LANES);
        column += match (vectors, rest) {
            (VECTORS.., _) => add_block::<FUSED, T, VECTORS, 0>(row, right, onto, product),
            (6, 4..) => add_block::<FUSED, T, 6, 4>(row, right, onto, product),
            (4.., _) => add_block::<FUSED, T, 4, 0>(row, right, onto, product),
            (3, 4..) => add_block::<FUSED, T, 3, 4>(row, right, onto, product),
            (3, _) => add_block::<FUSED, T, 3, 0>(row, right, onto, product),
            (2, _) => add_block::<FUSED, T, 2, 0>(row, right, onto, product),
            (1, _) => add_block::<FUSED, T, 1, 0>(row, right, onto, product),
            (_, 8..) => add_block::<FUSED, T, 0, 8>(row, right, onto, product),
            (_, 4..) => add_block::<FUSED, T, 0, 4>(row, right, onto, product),
            (_, 2..) => add_block::<FUSED, T, 0, 2>(row, right, onto, product),
            _ => add_block::<FUSED, T, 0, 1>(row, right, onto, product),
        };
    }
}

/// Computes `V` vectors and `W` more columns, all of which stay in registers; returns how many columns that are.
#[inline(always)]
fn add_block<const FUSED: bool, T: Number, const V: usize, const W: usize>(
    (numbers, columns): (&[T], &[u16]),
    (right, stride): (&[f32], usize),
    onto: Onto<'_>,
    product: &mut [f32],
) -> usize {
    let width = V * LANES + W;
    let (mut vectors, mut rest) = ([[0.0_f32; LANES]; V], [0.0_f32; W]);
    let start = match onto {
        Onto::Zero => None,
        Onto::Row(row) => Some(&row[..width]),
        Onto::Product => Some(&product[..width]),
    };
    if let Some(start) = start {
        vectors.as_flattened_mut().copy_from_slice(&start[..V * LANES]);
        rest.copy_from_slice(&start[V * LANES..]);
    }
    for (number, &column) in numbers.iter().zip(columns) {
        let (factor, values) = (number.float(), &right[usize::from(column) * stride..][..width]);
        for (sums, values) in vectors.iter_mut().zip(values.as_chunks::<LANES>().0) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = multiply_add::<FUSED>(factor, *value, *sum);
            }
        }
        for (sum, value) in rest.iter_mut().zip(&values[V * LANES..]) {
            *sum = multiply_add::<FUSED>(factor, *value, *sum);
        }
    }
    product[..V * LANES].copy_from_slice(vectors.as_flattened());
    product[V * LANES..width].copy_from_slice(&rest);
    width
}

/// Adds each number of a row times `right` to the row of `product` whose number, counted from `first`, is its column's.
#[inline(always)]
pub(super) fn add_outer_product<const FUSED: bool, T: Number>(
    row: (&[T], &[u16]),
    first: usize,
    mut right: &[f32],
    mut product: &mut [f32],
    stride: usize,
) {
    while !right.is_empty() {
        let done = match (right.len() / LANES, right.len() % LANES) {
            (6.., 4..) => add_outer_block::<FUSED, T, 6, 4>(row, first, right, product, stride),
            (4.., _) => add_outer_block::<FUSED, T, 4, 0>(row, first, right, product, stride),
            (3, 4..) => add_outer_block::<FUSED, T, 3, 4>(row, first, right, product, stride),
            (3, _) => add_outer_block::<FUSED, T, 3, 0>(row, first, right, product, stride),
            (1.., _) => add_outer_block::<FUSED, T, 1, 0>(row, first, right, product, stride),
            (0, 4..) => add_outer_block::<FUSED, T, 0, 4>(row, first, right, product, stride),
            (0, _) => add_outer_block::<FUSED, T, 0, 1>(row, first, right, product, stride),
        };
        (right, product) = (&right[done..], &mut product[done..]);
    }
}

/// Does so for `V` vectors and `W` more columns, and returns how many columns that are.
#[inline(always)]
fn add_outer_block<const FUSED: bool, T: Number, const V: usize, const W: usize>(
    (numbers, columns): (&[T], &[u16]),
    first: usize,
    right: &[f32],
    product: &mut [f32],
    stride: usize,
) -> usize {
    let width = V * LANES + W;
    let (mut vectors, mut rest) = ([[0.0_f32; LANES]; V], [0.0_f32; W]);
    vectors.as_flattened_mut().copy_from_slice(&right[..V * LANES]);
    rest.copy_from_slice(&right[V * LANES..width]);
    for (number, &column) in numbers.iter().zip(columns) {
        let value = number.float();
        let (sums, sums_of_rest) = product[(usize::from(column) - first) * stride..][..width].as_chunks_mut::<LANES>();
        for (sums, vector) in sums.iter_mut().zip(&vectors) {
            for (sum, right) in sums.iter_mut().zip(vector) {
                *sum = multiply_add::<FUSED>(value, *right, *sum);
            }
        }
        for (sum, right) in sums_of_rest.iter_mut().zip(&rest) {
            *sum = multiply_add::<FUSED>(value, *right, *sum);
        }
    }
    width
}
