//! The transpose of rows whose zeros are left out, times a matrix: what belongs to a column stays in registers.
//!
//! The sums have the bits of the full product, since adding a product with 0 changes none.

use super::{BLOCK, SparseRows, ones};
use crate::product::{LANES, multiply_add};
use crate::{Number, Rows};

/// So many rows are gone through together: a number of 64 bits tells which of them are 0 in a column.
const TOGETHER: usize = 64;

/// Some rows' block of columns.
#[derive(Clone, Copy)]
struct Columns<'a, T> {
    numbers: &'a [T],
    /// Where each row's numbers start.
    starts: [u32; TOGETHER],
    /// For each column, which rows are not 0.
    rows: [u64; TOGETHER],
}

/// Goes through the columns of a block, and through the rows that are not 0 in each of them.
#[inline(always)]
pub(super) fn multiply_columns<const FUSED: bool, T: Number>(
    rows: &SparseRows<T>,
    batch: &[usize],
    block: usize,
    right: Rows<&[f32]>,
    columns: usize,
    product: Rows<&mut [f32]>,
) {
    for (first, batch) in (0..).step_by(TOGETHER).zip(batch.chunks(TOGETHER)) {
        let (block, values) = (Columns::of(rows, batch, block), &right.values[first * right.stride..]);
        let mut column = 0;
        while column < columns {
            let right = Rows { values: &values[column..], stride: right.stride };
            let product = Rows { values: &mut product.values[column..], stride: product.stride };
            column += match ((columns - column) / LANES, (columns - column) % LANES) {
                (6.., 4..) => block.multiply_panel::<FUSED, 6, 4>(first == 0, right, product),
                (4.., _) => block.multiply_panel::<FUSED, 4, 0>(first == 0, right, product),
                (3, 4..) => block.multiply_panel::<FUSED, 3, 4>(first == 0, right, product),
                (3, _) => block.multiply_panel::<FUSED, 3, 0>(first == 0, right, product),
                (1.., _) => block.multiply_panel::<FUSED, 1, 0>(first == 0, right, product),
                (0, 4..) => block.multiply_panel::<FUSED, 0, 4>(first == 0, right, product),
                (0, _) => block.multiply_panel::<FUSED, 0, 1>(first == 0, right, product),
            };
        }
    }
}

impl<'a, T: Number> Columns<'a, T> {
    #[inline(always)]
    fn of(rows: &'a SparseRows<T>, batch: &[usize], block: usize) -> Self {
        let (mut starts, mut bits) = ([0; TOGETHER], [0; TOGETHER]);
        for ((&row, start), bits) in batch.iter().zip(&mut starts).zip(&mut bits) {
            *start = rows.ends_of(row, block)[0] as u32;
            *bits = rows.columns[row * rows.blocks + block];
        }
        transpose(&mut bits);
        Self { numbers: &rows.numbers, starts, rows: bits }
    }

    /// Multiplies each column by `right`, `(rows, V vectors and W more columns)`: into its row of `product`, or onto that
    /// unless these rows are the first ones. Returns how many columns these have.
    #[inline(always)]
    fn multiply_panel<const FUSED: bool, const V: usize, const W: usize>(
        mut self,
        are_first: bool,
        right: Rows<&[f32]>,
        product: Rows<&mut [f32]>,
    ) -> usize {
        let width = V * LANES + W;
        for (&rows, product) in self.rows[..BLOCK].iter().zip(product.values.chunks_mut(product.stride)) {
            if rows == 0 && !are_first {
                continue;
            }
            let (mut vectors, mut rest) = ([[0.0_f32; LANES]; V], [0.0_f32; W]);
            if !are_first {
                vectors.as_flattened_mut().copy_from_slice(&product[..V * LANES]);
                rest.copy_from_slice(&product[V * LANES..width]);
            }
            for row in ones(rows) {
                // The numbers of a row come in the order of the columns.
                let number = self.numbers[self.starts[row] as usize].float();
                self.starts[row] += 1;
                let right = &right.values[row * right.stride..][..width];
                for (sums, right) in vectors.iter_mut().zip(right.as_chunks::<LANES>().0) {
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = multiply_add::<FUSED>(number, *right, *sum);
                    }
                }
                for (sum, right) in rest.iter_mut().zip(&right[V * LANES..]) {
                    *sum = multiply_add::<FUSED>(number, *right, *sum);
                }
            }
            product[..V * LANES].copy_from_slice(vectors.as_flattened());
            product[V * LANES..width].copy_from_slice(&rest);
        }
        width
    }
}

/// Transposes a matrix of 64 x 64 bits: swaps two of its four blocks of 32 x 32 bits, then does so with the blocks of each
/// block, down to single bits (H. S. Warren, Hacker's Delight, 2nd edition, section 7-3).
#[inline(always)]
fn transpose(rows: &mut [u64; TOGETHER]) {
    let (mut width, mut lower) = (TOGETHER / 2, u64::MAX >> (TOGETHER / 2));
    while width > 0 {
        for pair in rows.chunks_exact_mut(2 * width) {
            let (upper_rows, lower_rows) = pair.split_at_mut(width);
            for (above, below) in upper_rows.iter_mut().zip(lower_rows) {
                let differing = ((*above >> width) ^ *below) & lower;
                *above ^= differing << width;
                *below ^= differing;
            }
        }
        width /= 2;
        lower ^= lower << width;
    }
}
