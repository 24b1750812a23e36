//! A fully connected layer's products.

use super::{Left, Rows, add_product, add_rows, add_sparse_row, transpose};

/// At this fraction of zeros and above, leaving them out pays.
const SPARSE: f32 = 0.5;

/// Adds `inputs`, `(rows, I)`, times the transpose of `weights`, `(O, I)`, to `outputs`, `(rows, O)`.
pub fn add_linear(inputs: &[f32], weights: &[f32], outputs: &mut [f32], rows: usize) {
    if rows == 0 {
        return;
    }
    let (depth, columns) = (inputs.len() / rows, outputs.len() / rows);
    let mut turned = vec![0.0; weights.len()];
    transpose(weights, columns, depth, depth, &mut turned, columns);
    let right = || Rows { values: turned.as_slice(), stride: columns };
    if !is_sparse(inputs) || depth > usize::from(u16::MAX) {
        let left = Left::plain(inputs, rows, depth, depth);
        return add_product(left, right(), columns, Rows { values: outputs, stride: columns });
    }
    let mut row = SparseRow::default();
    for (inputs, outputs) in inputs.chunks_exact(depth).zip(outputs.chunks_exact_mut(columns)) {
        row.take(inputs);
        add_sparse_row(&row.values, &row.columns, right(), outputs);
    }
}

/// Adds the transpose of `gradient`, `(rows, O)`, times `inputs`, `(rows, I)`, to the gradient of the weights,
/// `(O, I)`.
pub fn add_weight_gradient(inputs: &[f32], gradient: &[f32], of_weights: &mut [f32], rows: usize) {
    if rows == 0 {
        return;
    }
    let (depth, columns) = (inputs.len() / rows, gradient.len() / rows);
    if !is_sparse(inputs) || rows > usize::from(u16::MAX) {
        let left = Left::transposed(gradient, columns, rows, columns);
        let right = Rows { values: inputs, stride: depth };
        return add_product(left, right, depth, Rows { values: of_weights, stride: depth });
    }
    // Input by input: few rows have one that is not 0, and the sum over them stays in registers.
    let (mut by_input, mut sums) = (vec![0.0; inputs.len()], vec![0.0; of_weights.len()]);
    transpose(inputs, rows, depth, depth, &mut by_input, rows);
    let mut row = SparseRow::default();
    for (input, sums) in by_input.chunks_exact(rows).zip(sums.chunks_exact_mut(columns)) {
        row.take(input);
        add_sparse_row(&row.values, &row.columns, Rows { values: gradient, stride: columns }, sums);
    }
    let mut by_output = vec![0.0; of_weights.len()];
    transpose(&sums, depth, columns, columns, &mut by_output, depth);
    add_rows(&by_output, of_weights);
}

fn is_sparse(inputs: &[f32]) -> bool {
    let zeros = inputs.iter().filter(|&&value| value == 0.0).count();
    zeros as f32 >= SPARSE * inputs.len() as f32
}

/// The numbers of a row that are not 0, and their columns.
#[derive(Debug, Clone, Default)]
struct SparseRow {
    values: Vec<f32>,
    columns: Vec<u16>,
}

impl SparseRow {
    /// Holds another row. No branch depends on its numbers.
    fn take(&mut self, row: &[f32]) {
        self.values.resize(row.len(), 0.0);
        self.columns.resize(row.len(), 0);
        let mut kept = 0;
        for (column, &value) in (0..).zip(row) {
            (self.values[kept], self.columns[kept]) = (value, column);
            kept += usize::from(value != 0.0);
        }
        self.values.truncate(kept);
        self.columns.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_batch_gives_the_bits_of_a_dense_one() {
        let (rows, depth, columns) = (37, 90, 21);
        let value = |index: usize| ((index * 7919) % 1000) as f32 / 1000.0 - 0.5;
        let inputs: Vec<f32> = (0..rows * depth).map(|index| if index % 5 == 0 { value(index) } else { 0.0 }).collect();
        let gradient: Vec<f32> = (0..rows * columns).map(|index| value(index + 3)).collect();
        assert!(is_sparse(&inputs));

        let mut sparse = vec![0.0; columns * depth];
        add_weight_gradient(&inputs, &gradient, &mut sparse, rows);
        let mut dense = vec![0.0; columns * depth];
        let left = Left::transposed(&gradient, columns, rows, columns);
        add_product(left, Rows { values: &inputs, stride: depth }, depth, Rows { values: &mut dense, stride: depth });
        assert_eq!(sparse, dense);
    }
}
