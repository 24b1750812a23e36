//! Rows of pixels without their zeros, and the same by column.

use std::ops::Range;

use crate::data::Dataset;

/// Rows without their zeros, one after the other.
#[derive(Debug)]
pub(super) struct SparseRows {
    values: Vec<f32>,
    columns: Vec<u16>,
    ends: Vec<usize>,
}

impl SparseRows {
    pub(super) fn with_capacity(rows: usize, width: usize) -> Self {
        let numbers = rows * width;
        Self {
            values: Vec::with_capacity(numbers),
            columns: Vec::with_capacity(numbers),
            ends: Vec::with_capacity(rows),
        }
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.columns.clear();
        self.ends.clear();
    }

    /// Appends a row of the data.
    pub(super) fn push<const D: usize>(&mut self, data: &Dataset<D>, row: usize) {
        data.append_nonzero(row, &mut self.values, &mut self.columns);
        self.ends.push(self.values.len());
    }

    /// Returns how many rows there can be.
    pub(super) fn most_rows(&self) -> usize {
        self.ends.capacity()
    }

    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn row(&self, row: usize) -> Range<usize> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        start..self.ends[row]
    }

    /// Returns a row's values in some columns, and which columns they are.
    pub(super) fn within(&self, row: usize, range: &Range<usize>) -> (&[f32], &[u16]) {
        let Range { start, end } = self.row(row);
        let columns = &self.columns[start..end];
        let first = columns.partition_point(|&column| usize::from(column) < range.start);
        let last = columns.partition_point(|&column| usize::from(column) < range.end);
        (&self.values[start + first..start + last], &columns[first..last])
    }

    /// Multiplies each value by its factor, of `(rows, width)`, and leaves new zeros out.
    pub(super) fn multiply(&mut self, factors: &[f32], width: usize) {
        let (mut start, mut kept) = (0, 0);
        for (end, factors) in self.ends.iter_mut().zip(factors.chunks_exact(width)) {
            for at in start..*end {
                let column = self.columns[at];
                let value = self.values[at] * factors[usize::from(column)];
                (self.values[kept], self.columns[kept]) = (value, column);
                kept += usize::from(value != 0.0);
            }
            (start, *end) = (*end, kept);
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

    /// Returns the values of a column that are not 0, and which rows they are of.
    pub(super) fn column(&self, column: usize) -> (&[f32], &[u16]) {
        let at = self.starts[column]..self.starts[column + 1];
        (&self.values[at.clone()], &self.rows[at])
    }

    /// Sorts what `sparse` holds in `range` by column; within a column, the order of the rows stays.
    pub(super) fn take(&mut self, sparse: &SparseRows, range: &Range<usize>) {
        self.starts.clear();
        self.starts.resize(range.len() + 1, 0);
        for row in 0..sparse.len() {
            for &column in sparse.within(row, range).1 {
                self.starts[usize::from(column) - range.start + 1] += 1;
            }
        }
        for column in 0..range.len() {
            self.starts[column + 1] += self.starts[column];
        }
        let count = self.starts[range.len()];
        self.rows.resize(count, 0);
        self.values.resize(count, 0.0);
        for row in 0..sparse.len() {
            let (values, columns) = sparse.within(row, range);
            for (&value, &column) in values.iter().zip(columns) {
                let at = &mut self.starts[usize::from(column) - range.start];
                (self.rows[*at], self.values[*at]) = (row as u16, value);
                *at += 1;
            }
        }
        // Each start has moved to its column's end, which is the next one's start.
        self.starts.rotate_right(1);
        self.starts[0] = 0;
    }
}
