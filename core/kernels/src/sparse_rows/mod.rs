//! Rows without their zeros, and their products.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

mod by_column;
mod by_row;
#[cfg(test)]
mod tests;

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use super::{Number, Onto, Rows, dropout_factor, prefetch};

/// How many columns make a block, two rows of an MNIST image: a number of 64 bits tells which of them are 0, and what
/// belongs to this many columns fits in the nearest cache.
pub const BLOCK: usize = 56;

/// Rows without their zeros, one after the other.
#[derive(Debug, Clone)]
pub struct SparseRows<T> {
    numbers: Vec<T>,
    /// For each row's blocks of columns, which columns are not 0: the first one's is the lowest bit.
    columns: Vec<u64>,
    /// Where the numbers of each row's blocks end.
    ends: Vec<u32>,
    /// How many blocks a row has.
    blocks: usize,
}

impl<T: Number> SparseRows<T> {
    /// Takes rows of `width` numbers.
    ///
    /// # Panics
    /// If there are more than 4,294,967,295 numbers.
    pub fn of(rows: &[T], width: usize) -> Self {
        let count = rows.iter().filter(|number| **number != T::default()).count();
        let blocks = rows.len() / width.max(1) * width.div_ceil(BLOCK);
        let (columns, ends) = (Vec::with_capacity(blocks), Vec::with_capacity(blocks));
        let mut sparse = Self { numbers: vec![T::default(); count], columns, ends, blocks: 0 };
        sparse.take(rows, width);
        sparse
    }

    /// Takes other rows of `width` numbers, in the memory that is there if as many were taken before.
    ///
    /// # Panics
    /// As [`of`](Self::of).
    pub fn refill(&mut self, rows: &[T], width: usize) {
        self.columns.clear();
        self.ends.clear();
        if self.numbers.len() < rows.len() {
            self.numbers.resize(rows.len(), T::default());
        }
        self.take(rows, width);
    }

    /// Takes rows, for whose numbers there is room.
    fn take(&mut self, rows: &[T], width: usize) {
        assert!(u32::try_from(rows.len()).is_ok(), "too many numbers");
        self.blocks = width.div_ceil(BLOCK);
        let mut kept = 0;
        for values in rows.chunks_exact(width).flat_map(|row| row.chunks(BLOCK)) {
            let columns = nonzero(values);
            for at in ones(columns) {
                self.numbers[kept] = values[at];
                kept += 1;
            }
            self.columns.push(columns);
            self.ends.push(kept as u32);
        }
    }

    /// Returns how many rows there are.
    pub fn count(&self) -> usize {
        self.ends.len() / self.blocks.max(1)
    }

    /// Returns where the numbers of a block of a row start and end.
    #[inline(always)]
    fn ends_of(&self, row: usize, block: usize) -> [usize; 2] {
        let at = row * self.blocks + block;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        [start as usize, self.ends[at] as usize]
    }

    /// Returns the numbers of a block of a row, and which columns they are in.
    #[inline(always)]
    fn block(&self, row: usize, block: usize) -> (&[T], u64) {
        let [start, end] = self.ends_of(row, block);
        (&self.numbers[start..end], self.columns[row * self.blocks + block])
    }

    /// Asks the processor to fetch a row into its caches.
    pub fn prefetch(&self, row: usize) {
        let [start, _] = self.ends_of(row, 0);
        let [_, end] = self.ends_of(row, self.blocks - 1);
        prefetch(&self.numbers[start..end]);
        prefetch(&self.columns[row * self.blocks..][..self.blocks]);
    }
}

/// Tells which of up to 64 values are not 0: the first one's is the lowest bit.
#[inline(always)]
fn nonzero<T: Number>(values: &[T]) -> u64 {
    let (bytes, rest) = values.as_chunks::<8>();
    let bits = |values: &[T]| {
        values.iter().enumerate().fold(0, |bits, (at, value)| bits | u64::from(*value != T::default()) << at)
    };
    let of_bytes = bytes.iter().enumerate().fold(0, |all, (number, byte)| all | bits(byte) << (8 * number));
    if rest.is_empty() { of_bytes } else { of_bytes | bits(rest) << (8 * bytes.len()) }
}

/// Returns the places of the ones, from the lowest bit on.
#[inline(always)]
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (at < u64::BITS).then_some(at as usize)
    })
}

impl SparseRows<f32> {
    /// Makes room for so many rows of `width` numbers.
    pub fn with_capacity(rows: usize, width: usize) -> Self {
        let blocks = width.div_ceil(BLOCK);
        let (columns, ends) = (Vec::with_capacity(rows * blocks), Vec::with_capacity(rows * blocks));
        Self { numbers: Vec::with_capacity(rows * width), columns, ends, blocks }
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
        self.numbers.clear();
        self.columns.clear();
        self.ends.clear();
        for (&row, kept) in batch.iter().zip(kept) {
            for block in 0..rows.blocks {
                let (numbers, columns) = rows.block(row, block);
                let mut left = 0;
                for (number, column) in numbers.iter().zip(ones(columns)) {
                    let number = number.float() * dropout_factor(rate, kept[block * BLOCK + column]);
                    if number != 0.0 {
                        self.numbers.push(number);
                        left |= 1 << column;
                    }
                }
                self.columns.push(left);
                self.ends.push(self.numbers.len() as u32);
            }
        }
    }
}

/// Defines the products of rows of a type of number, whose inner loops are compiled for each.
macro_rules! products {
    ($number:ty, $add_rows:ident, $multiply_columns:ident) => {
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

            /// Computes the transpose of a block of columns of the rows of a `batch`, `(BLOCK, m)`, times `right`,
            /// `(m, columns)`: `product`, `(BLOCK, columns)`. Without rows, it stays as it is.
            ///
            /// # Panics
            /// If a matrix has too few values.
            pub fn transposed_product(
                &self,
                batch: &[usize],
                block: usize,
                right: Rows<&[f32]>,
                columns: usize,
                product: Rows<&mut [f32]>,
            ) {
                $multiply_columns(self, batch, block, right, columns, product);
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
                by_row::add_rows::<true, $number>(rows, batch, right, columns, onto, product);
            } else {
                by_row::add_rows::<false, $number>(rows, batch, right, columns, onto, product);
            }
        }

        #[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
        fn $multiply_columns(
            rows: &SparseRows<$number>,
            batch: &[usize],
            block: usize,
            right: Rows<&[f32]>,
            columns: usize,
            product: Rows<&mut [f32]>,
        ) {
            if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
                by_column::multiply_columns::<true, $number>(rows, batch, block, right, columns, product);
            } else {
                by_column::multiply_columns::<false, $number>(rows, batch, block, right, columns, product);
            }
        }
    };
}

products!(u8, add_pixel_rows, multiply_pixel_columns);
products!(f32, add_float_rows, multiply_float_columns);
