//! Rows whose zeros are left out, times a matrix.
//!
//! The sums have the bits of the full product, since adding a product with 0 changes none.

use super::{BLOCK, SparseRows, ones};
use crate::product::{LANES, VECTORS, multiply_add};
use crate::{Number, Onto, Rows};

/// Goes through all rows, a block of columns at a time, so that the rows of `right` that it needs stay in the nearest
/// cache.
#[inline(always)]
pub(super) fn add_rows<const FUSED: bool, T: Number>(
    rows: &SparseRows<T>,
    batch: &[usize],
    right: Rows<&[f32]>,
    columns: usize,
    onto: Onto<'_>,
    product: Rows<&mut [f32]>,
) {
    for block in 0..rows.blocks {
        let onto = if block == 0 { onto } else { Onto::Product };
        let right = (&right.values[block * BLOCK * right.stride..], right.stride);
        for (&row, product) in batch.iter().zip(product.values.chunks_mut(product.stride)) {
            add_row::<FUSED, T>(rows.block(row, block), right, onto, &mut product[..columns]);
        }
    }
}

/// Computes the sum of each number of a row times the row of `right` whose number is its column's, in order, added to what
/// `onto` says.
#[inline(always)]
fn add_row<const FUSED: bool, T: Number>(
    row: (&[T], u64),
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
    (numbers, columns): (&[T], u64),
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
    for (number, column) in numbers.iter().zip(ones(columns)) {
        let (factor, values) = (number.float(), &right[column * stride..][..width]);
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
