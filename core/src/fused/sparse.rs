//! Rows of pixels without their zeros, by row and by column.

use crate::data::{BLOCK, Nonzero, SCALED};

/// Rows without their zeros, one after the other.
#[derive(Debug)]
pub(super) struct SparseRows {
    values: Vec<f32>,
    columns: Vec<u16>,
    /// Where each row's blocks of columns end.
    ends: Vec<usize>,
    blocks: usize,
}

impl SparseRows {
    pub(super) fn with_capacity(rows: usize, width: usize) -> Self {
        let (numbers, blocks) = (rows * width, width.div_ceil(BLOCK));
        Self {
            values: Vec::with_capacity(numbers),
            columns: Vec::with_capacity(numbers),
            ends: Vec::with_capacity(rows * blocks),
            blocks,
        }
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.columns.clear();
        self.ends.clear();
    }

    /// Appends a row.
    pub(super) fn push(&mut self, nonzero: &Nonzero, row: usize) {
        let (row, start) = (nonzero.row(row), self.values.len());
        self.values.extend(row.pixels.iter().map(|&pixel| SCALED[usize::from(pixel)]));
        self.columns.extend_from_slice(row.columns);
        self.ends.extend(row.ends.iter().map(|end| end - row.start + start));
    }

    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len() / self.blocks
    }

    /// Returns a row's values, and their columns.
    pub(super) fn row(&self, row: usize) -> (&[f32], &[u16]) {
        self.between(row * self.blocks, (row + 1) * self.blocks)
    }

    /// Returns a row's values in a block of columns, and their columns.
    pub(super) fn block(&self, row: usize, block: usize) -> (&[f32], &[u16]) {
        let first = row * self.blocks + block;
        self.between(first, first + 1)
    }

    fn between(&self, first: usize, end: usize) -> (&[f32], &[u16]) {
        let start = if first == 0 { 0 } else { self.ends[first - 1] };
        let at = start..self.ends[end - 1];
        (&self.values[at.clone()], &self.columns[at])
    }

    /// Multiplies each value by its factor, of `(rows, width)`, and leaves out new zeros.
    pub(super) fn multiply(&mut self, factors: &[f32], width: usize) {
        let (mut start, mut kept) = (0, 0);
        for (ends, factors) in self.ends.chunks_exact_mut(self.blocks).zip(factors.chunks_exact(width)) {
            for end in ends {
                for at in start..*end {
                    let column = self.columns[at];
                    let value = self.values[at] * factors[usize::from(column)];
                    (self.values[kept], self.columns[kept]) = (value, column);
                    kept += usize::from(value != 0.0);
                }
                (start, *end) = (*end, kept);
            }
        }
        self.values.truncate(kept);
        self.columns.truncate(kept);
    }
}

/// The pixels of some rows that are not 0, column by column.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Where each column begins, and where the last one ends.
    starts: Vec<usize>,
    rows: Vec<u16>,
    values: Vec<f32>,
}

impl Columns {
    pub(super) fn with_capacity(numbers: usize) -> Self {
        Self { starts: Vec::new(), rows: Vec::with_capacity(numbers), values: Vec::with_capacity(numbers) }
    }

    /// Returns the values of a column that are not 0, and their rows.
    pub(super) fn column(&self, column: usize) -> (&[f32], &[u16]) {
        let at = self.starts[column]..self.starts[column + 1];
        (&self.values[at.clone()], &self.rows[at])
    }

    /// Sorts rows of `width` columns by column; within a column, the order of the rows stays.
    pub(super) fn take<'a>(&mut self, rows: impl Iterator<Item = (&'a [f32], &'a [u16])> + Clone, width: usize) {
        self.starts.clear();
        self.starts.resize(width + 1, 0);
        for &column in rows.clone().flat_map(|(_, columns)| columns) {
            self.starts[usize::from(column) + 1] += 1;
        }
        for column in 0..width {
            self.starts[column + 1] += self.starts[column];
        }
        let count = self.starts[width];
        self.rows.resize(count, 0);
        self.values.resize(count, 0.0);
        for (row, (values, columns)) in (0..).zip(rows) {
            for (&value, &column) in values.iter().zip(columns) {
                let at = &mut self.starts[usize::from(column)];
                (self.rows[*at], self.values[*at]) = (row, value);
                *at += 1;
            }
        }
        // Each start has moved to its column's end, which is the next one's start.
        self.starts.rotate_right(1);
        self.starts[0] = 0;
    }
}
