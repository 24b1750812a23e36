//! The sides of a product, and what it is added to: slices as matrices.

/// The left side of a product: `(rows, depth)`, either row after row or transposed.
#[derive(Debug, Clone, Copy)]
pub struct Left<'a> {
    pub(super) values: &'a [f32],
    pub(super) rows: usize,
    pub(super) depth: usize,
    pub(super) row_stride: usize,
    pub(super) depth_stride: usize,
}

impl<'a> Left<'a> {
    /// Takes `values` as `(rows, depth)`, with `stride` values from one row to the next.
    ///
    /// # Panics
    /// If there are too few values.
    pub fn plain(values: &'a [f32], rows: usize, depth: usize, stride: usize) -> Self {
        assert!(depth <= stride && (rows == 0 || values.len() >= (rows - 1) * stride + depth), "({rows}, {depth})");
        Self { values, rows, depth, row_stride: stride, depth_stride: 1 }
    }

    /// Takes the transpose of `values`, which is `(depth, rows)` with `stride` values from one row to the next.
    ///
    /// # Panics
    /// If there are too few values.
    pub fn transposed(values: &'a [f32], rows: usize, depth: usize, stride: usize) -> Self {
        assert!(rows <= stride && (depth == 0 || values.len() >= (depth - 1) * stride + rows), "({rows}, {depth})");
        Self { values, rows, depth, row_stride: 1, depth_stride: stride }
    }

    /// Returns whether all numbers of so many rows are there.
    pub(super) fn reaches(&self, rows: usize) -> bool {
        self.depth == 0 || holds(self.values, [(rows, self.row_stride), (self.depth, self.depth_stride)])
    }

    pub(super) fn starting_at(self, row: usize) -> Self {
        // Nothing is read past the last row.
        let values = self.values.get(row * self.row_stride..).unwrap_or_default();
        Self { values, rows: self.rows - row, ..self }
    }
}

/// Returns whether there is a number at the last place of each of two dimensions, which are lengths and strides.
pub(super) fn holds(values: &[f32], dimensions: [(usize, usize); 2]) -> bool {
    let [a, b] = dimensions.map(|(length, stride)| length.saturating_sub(1).saturating_mul(stride));
    values.len() > a.saturating_add(b)
}

/// The right side of a product, or the product itself: row after row.
#[derive(Debug)]
pub struct Rows<T> {
    /// The numbers, one row after the other.
    pub values: T,
    /// The distance from the beginning of a row to that of the next.
    pub stride: usize,
}

/// What a product is added to.
#[derive(Debug, Clone, Copy)]
pub enum Onto<'a> {
    /// Nothing: the product replaces what was there.
    Zero,
    /// The same numbers for each row, such as biases.
    Row(&'a [f32]),
    /// What is already there.
    Product,
}

impl Onto<'_> {
    pub(super) fn starting_at(self, column: usize) -> Self {
        match self {
            Self::Row(row) => Self::Row(&row[column..]),
            Self::Zero | Self::Product => self,
        }
    }
}
