//! Rows without their zeros, and their products.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

#[cfg(test)]
mod tests;

use std::ops::Range;

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::sparse_row::{add_outer_product, add_sparse_row};
use super::{Number, Onto, Rows, dropout_factor, prefetch};

/// How many columns make a block, four rows of an MNIST image: what belongs to this many columns fits in the nearest cache.
pub const BLOCK: usize = 112;

/// Rows without their zeros, one after the other.
#[derive(Debug, Clone)]
pub struct SparseRows<T> {
    numbers: Vec<T>,
    columns: Vec<u16>,
    /// Where each row's blocks of columns end.
    ends: Vec<u32>,
    /// How many there are.
    blocks: usize,
}

impl<T: Number> SparseRows<T> {
    /// Takes rows of `width` numbers.
    ///
    /// # Panics
    /// If `width` is above 65,535, or there are more than 4,294,967,295 numbers.
    pub fn of(rows: &[T], width: usize) -> Self {
        let count = rows.iter().filter(|number| **number != T::default()).count();
        let ends = Vec::with_capacity(rows.len() / width.max(1) * width.div_ceil(BLOCK));
        let mut sparse = Self { numbers: vec![T::default(); count], columns: vec![0; count], ends, blocks: 0 };
        sparse.take(rows, width);
        sparse
    }

    /// Takes other rows of `width` numbers, in the memory that is there if as many were taken before.
    ///
    /// # Panics
    /// As [`of`](Self::of).
    pub fn refill(&mut self, rows: &[T], width: usize) {
        self.ends.clear();
        if self.numbers.len() < rows.len() {
            self.numbers.resize(rows.len(), T::default());
            self.columns.resize(rows.len(), 0);
        }
        self.take(rows, width);
    }

    /// Takes rows, for whose numbers there is room.
    fn take(&mut self, rows: &[T], width: usize) {
        /// So many numbers are looked at together.
        const TOGETHER: usize = 16;
        assert!(width <= usize::from(u16::MAX) && u32::try_from(rows.len()).is_ok(), "too many numbers");
        self.blocks = width.div_ceil(BLOCK);
        let mut kept = 0;
        for row in rows.chunks_exact(width) {
            for (block, values) in row.chunks(BLOCK).enumerate() {
                let (parts, rest) = values.as_chunks::<TOGETHER>();
                let mut first = block * BLOCK;
                for part in parts {
                    self.take_some(part, first, &mut kept);
                    first += TOGETHER;
                }
                self.take_some(rest, first, &mut kept);
                self.ends.push(kept as u32);
            }
        }
    }

    /// Takes up to 32 numbers of a row, of which the first stands in column `first`.
    #[inline(always)]
    fn take_some(&mut self, values: &[T], first: usize, kept: &mut usize) {
        let set = |set, (at, value): (usize, &T)| set | u32::from(*value != T::default()) << at;
        let mut left = values.iter().enumerate().fold(0_u32, set);
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            (self.numbers[*kept], self.columns[*kept]) = (values[at], (first + at) as u16);
            *kept += 1;
            left &= left - 1;
        }
    }

    /// Returns how many rows there are.
    pub fn count(&self) -> usize {
        self.ends.len() / self.blocks.max(1)
    }

    /// Returns the numbers of some blocks of columns of a row, and their columns.
    #[inline(always)]
    fn blocks(&self, row: usize, blocks: Range<usize>) -> (&[T], &[u16]) {
        let first = row * self.blocks + blocks.start;
        let start = if first == 0 { 0 } else { self.ends[first - 1] };
        let at = start as usize..self.ends[first + blocks.len() - 1] as usize;
        (&self.numbers[at.clone()], &self.columns[at])
    }

    /// Asks the processor to fetch a row into its caches.
    pub fn prefetch(&self, row: usize) {
        let (numbers, columns) = self.blocks(row, 0..self.blocks);
        prefetch(numbers);
        prefetch(columns);
    }
}

impl SparseRows<f32> {
    /// Makes room for so many rows of `width` numbers.
    pub fn with_capacity(rows: usize, width: usize) -> Self {
        let (most, blocks) = (rows * width + 1, width.div_ceil(BLOCK));
        Self {
            numbers: Vec::with_capacity(most),
            columns: Vec::with_capacity(most),
            ends: Vec::with_capacity(rows * blocks),
            blocks,
        }
    }

    /// Holds what dropout at this rate leaves over of the rows of a `batch`; `kept` says of each number of each row whether
    /// it is kept, 1, or dropped, 0.
    pub fn drop_out<'a, T: Number>(
        &mut self,
        rows: &SparseRows<T>,
        batch: &[usize],
        rate: f32,
        kept: impl Iterator<Item = &'a [u8]>,
    ) {
        // Room for all numbers: each is written before it is known whether it stays.
        let most: usize = batch.iter().map(|&row| rows.blocks(row, 0..rows.blocks).0.len()).sum();
        self.numbers.resize(most + 1, 0.0);
        self.columns.resize(most + 1, 0);
        self.ends.clear();
        let mut left = 0;
        for (&row, kept) in batch.iter().zip(kept) {
            for block in 0..rows.blocks {
                let (numbers, columns) = rows.blocks(row, block..block + 1);
                for (number, &column) in numbers.iter().zip(columns) {
                    let number = number.float() * dropout_factor(rate, kept[usize::from(column)]);
                    (self.numbers[left], self.columns[left]) = (number, column);
                    left += usize::from(number != 0.0);
                }
                self.ends.push(left as u32);
            }
        }
    }
}

/// Defines the products of rows of a type of number, whose inner loops are compiled for each.
macro_rules! products {
    ($number:ty, $add_rows:ident, $add_columns:ident) => {
        impl SparseRows<$number> {
            /// Computes the rows of a `batch`, `(m, k)`, times `right`, `(k, columns)`, added to what `onto` says:
            /// `product`, `(m, columns)`.
            ///
            /// # Panics
            /// If a matrix has too few values.
            pub fn add_product(
                &self,
                batch: &[usize],
                right: Rows<&[f32]>,
                columns: usize,
                onto: Onto<'_>,
                product: Rows<&mut [f32]>,
            ) {
                $add_rows(self, batch, right, columns, onto, product);
            }

            /// Adds the transpose of a block of columns of the rows of a `batch`, `(BLOCK, m)`, times `right`,
            /// `(m, columns)`, to `product`, `(BLOCK, columns)`.
            ///
            /// # Panics
            /// If a matrix has too few values.
            pub fn add_transposed_product(
                &self,
                batch: &[usize],
                block: usize,
                right: Rows<&[f32]>,
                columns: usize,
                product: Rows<&mut [f32]>,
            ) {
                $add_columns(self, batch, block, right, columns, product);
            }
        }

        #[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
        fn $add_rows(
            rows: &SparseRows<$number>,
            batch: &[usize],
            right: Rows<&[f32]>,
            columns: usize,
            onto: Onto<'_>,
            product: Rows<&mut [f32]>,
        ) {
            if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
                add_rows_by::<true, $number>(rows, batch, right, columns, onto, product);
            } else {
                add_rows_by::<false, $number>(rows, batch, right, columns, onto, product);
            }
        }

        #[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
        fn $add_columns(
            rows: &SparseRows<$number>,
            batch: &[usize],
            block: usize,
            right: Rows<&[f32]>,
            columns: usize,
            product: Rows<&mut [f32]>,
        ) {
            if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
                add_columns_by::<true, $number>(rows, batch, block, right, columns, product);
            } else {
                add_columns_by::<false, $number>(rows, batch, block, right, columns, product);
            }
        }
    };
}

products!(u8, add_pixel_rows, add_pixel_columns);
products!(f32, add_float_rows, add_float_columns);

/// Goes through all rows, a block of columns at a time, so that the rows of `right` that it needs stay in the nearest
/// cache.
#[inline(always)]
fn add_rows_by<const FUSED: bool, T: Number>(
    rows: &SparseRows<T>,
    batch: &[usize],
    right: Rows<&[f32]>,
    columns: usize,
    onto: Onto<'_>,
    product: Rows<&mut [f32]>,
) {
    for block in 0..rows.blocks {
        let onto = if block == 0 { onto } else { Onto::Product };
        for (&row, product) in batch.iter().zip(product.values.chunks_mut(product.stride)) {
            let row = rows.blocks(row, block..block + 1);
            add_sparse_row::<FUSED, T>(row, (right.values, right.stride), onto, &mut product[..columns]);
        }
    }
}

/// Goes through the rows, so that one of `right` stays in registers; the product stays in the nearest cache.
#[inline(always)]
fn add_columns_by<const FUSED: bool, T: Number>(
    rows: &SparseRows<T>,
    batch: &[usize],
    block: usize,
    right: Rows<&[f32]>,
    columns: usize,
    product: Rows<&mut [f32]>,
) {
    for (&row, right) in batch.iter().zip(right.values.chunks(right.stride)) {
        let row = rows.blocks(row, block..block + 1);
        add_outer_product::<FUSED, T>(row, block * BLOCK, &right[..columns], product.values, product.stride);
    }
}
