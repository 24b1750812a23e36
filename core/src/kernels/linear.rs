//! A fully connected layer's forward pass.

use super::{Left, Rows, add_product, add_sparse_row, transpose};

/// From this fraction of zeros on, it pays to leave them out.
const SPARSE: f32 = 0.5;

/// Adds `inputs`, `(rows, I)`, times the transpose of `weights`, `(O, I)`, to `outputs`, `(rows, O)`.
pub(crate) fn add_linear(inputs: &[f32], weights: &[f32], outputs: &mut [f32], rows: usize) {
    if rows == 0 {
        return;
    }
    let (depth, columns) = (inputs.len() / rows, outputs.len() / rows);
    let mut turned = vec![0.0; weights.len()];
    transpose(weights, columns, depth, depth, &mut turned, columns);
    let right = || Rows { values: turned.as_slice(), stride: columns };
    let zeros = inputs.iter().filter(|&&value| value == 0.0).count();
    if (zeros as f32) < SPARSE * inputs.len() as f32 || depth > usize::from(u16::MAX) {
        let left = Left::plain(inputs, rows, depth, depth);
        return add_product(left, right(), columns, Rows { values: outputs, stride: columns });
    }
    let mut row = SparseRow::default();
    for (inputs, outputs) in inputs.chunks_exact(depth).zip(outputs.chunks_exact_mut(columns)) {
        row.clear();
        row.extend(inputs);
        add_sparse_row(&row.values, &row.columns, 0, right(), outputs);
    }
}

/// The numbers of a row that are not 0, and where they stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparseRow {
    pub(crate) values: Vec<f32>,
    pub(crate) columns: Vec<u16>,
}

impl SparseRow {
    fn clear(&mut self) {
        self.values.clear();
        self.columns.clear();
    }

    fn extend(&mut self, row: &[f32]) {
        for (column, &value) in (0..).zip(row) {
            if value != 0.0 {
                self.values.push(value);
                self.columns.push(column);
            }
        }
    }
}
