//! Rows without their zeros, by row and by column.

/// Rows without their zeros, one after the other.
#[derive(Debug)]
pub struct SparseRows {
    values: Vec<f32>,
    columns: Vec<u16>,
    /// Where each row's blocks of columns end.
    ends: Vec<usize>,
    blocks: usize,
}

impl SparseRows {
    /// Makes room for rows of `width` numbers in `blocks` blocks of columns.
    pub fn with_capacity(rows: usize, width: usize, blocks: usize) -> Self {
        Self {
            values: Vec::with_capacity(rows * width),
            columns: Vec::with_capacity(rows * width),
            ends: Vec::with_capacity(rows * blocks),
            blocks,
        }
    }

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.values.clear();
        self.columns.clear();
        self.ends.clear();
    }

    /// Appends a row: its values that are not 0, their columns, and where each block of columns ends among them.
    #[inline]
    pub fn push(&mut self, values: impl Iterator<Item = f32>, columns: &[u16], ends: impl Iterator<Item = usize>) {
        let start = self.values.len();
        self.values.extend(values);
        self.columns.extend_from_slice(columns);
        self.ends.extend(ends.map(|end| start + end));
    }

    /// Returns how many rows there are.
    #[inline]
    pub fn count(&self) -> usize {
        self.ends.len() / self.blocks
    }

    /// Returns a row's values, and their columns.
    #[inline]
    pub fn row(&self, row: usize) -> (&[f32], &[u16]) {
        self.between(row * self.blocks, (row + 1) * self.blocks)
    }

    /// Returns a row's values in a block of columns, and their columns.
    #[inline]
    pub fn block(&self, row: usize, block: usize) -> (&[f32], &[u16]) {
        let first = row * self.blocks + block;
        self.between(first, first + 1)
    }

    #[inline]
    fn between(&self, first: usize, end: usize) -> (&[f32], &[u16]) {
        let start = if first == 0 { 0 } else { self.ends[first - 1] };
        let at = start..self.ends[end - 1];
        (&self.values[at.clone()], &self.columns[at])
    }

    /// Multiplies each value by its factor, of `(rows, width)`, and leaves out new zeros.
    pub fn multiply(&mut self, factors: &[f32], width: usize) {
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

/// The numbers of rows that are not 0, column by column.
#[derive(Debug, Default)]
pub struct SparseColumns {
    /// Where each column begins, and where the last one ends.
    starts: Vec<usize>,
    rows: Vec<u16>,
    values: Vec<f32>,
}

impl SparseColumns {
    /// Makes room for some numbers.
    pub fn with_capacity(numbers: usize) -> Self {
        Self { starts: Vec::new(), rows: Vec::with_capacity(numbers), values: Vec::with_capacity(numbers) }
    }

    /// Returns the values of a column that are not 0, and their rows.
    #[inline]
    pub fn column(&self, column: usize) -> (&[f32], &[u16]) {
        let at = self.starts[column]..self.starts[column + 1];
        (&self.values[at.clone()], &self.rows[at])
    }

    /// Sorts rows of `width` columns by column; within a column, the order of the rows stays.
    pub fn take<'a>(&mut self, rows: impl Iterator<Item = (&'a [f32], &'a [u16])> + Clone, width: usize) {
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
