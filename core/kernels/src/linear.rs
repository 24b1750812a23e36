//! A fully connected layer's products.

use super::{BLOCK, Left, Onto, Rows, SparseRows, add_product, add_rows, transpose};

/// At this fraction of zeros and above, leaving them out pays.
const SPARSE: f32 = 0.5;

/// Adds `inputs`, `(rows, I)`, times the transpose of `weights`, `(O, I)`, to `outputs`, `(rows, O)`.
pub fn add_linear(inputs: &[f32], weights: &[f32], outputs: &mut [f32], rows: usize) {
    if rows == 0 {
        return;
    }
    let (depth, columns) = (inputs.len() / rows, outputs.len() / rows);
    let mut turned = vec![0.0; weights.len()];
    transpose(Rows { values: weights, stride: depth }, columns, depth, Rows { values: &mut turned, stride: columns });
    let right = || Rows { values: turned.as_slice(), stride: columns };
    if !is_sparse(inputs) {
        let left = Left::plain(inputs, rows, depth, depth);
        return add_product(left, right(), columns, Onto::Product, Rows { values: outputs, stride: columns });
    }
    let outputs = Rows { values: outputs, stride: columns };
    let all: Vec<usize> = (0..rows).collect();
    SparseRows::of(inputs, depth).add_product(&all, right(), columns, Onto::Product, outputs);
}

/// Adds the transpose of `gradient`, `(rows, O)`, times `inputs`, `(rows, I)`, to the gradient of the weights,
/// `(O, I)`.
pub fn add_weight_gradient(inputs: &[f32], gradient: &[f32], of_weights: &mut [f32], rows: usize) {
    if rows == 0 {
        return;
    }
    let (depth, columns) = (inputs.len() / rows, gradient.len() / rows);
    if !is_sparse(inputs) {
        let left = Left::transposed(gradient, columns, rows, columns);
        let right = Rows { values: inputs, stride: depth };
        return add_product(left, right, depth, Onto::Product, Rows { values: of_weights, stride: depth });
    }
    let (sparse, all) = (SparseRows::of(inputs, depth), (0..rows).collect::<Vec<_>>());
    let mut sums = vec![0.0; of_weights.len()];
    for (block, sums) in sums.chunks_mut(BLOCK * columns).enumerate() {
        let gradient = Rows { values: gradient, stride: columns };
        sparse.transposed_product(&all, block, gradient, columns, Rows { values: sums, stride: columns });
    }
    let mut by_output = vec![0.0; of_weights.len()];
    transpose(Rows { values: &sums, stride: columns }, depth, columns, Rows { values: &mut by_output, stride: depth });
    add_rows(&by_output, of_weights);
}

/// Returns whether inputs are mostly zeros.
fn is_sparse(inputs: &[f32]) -> bool {
    let zeros = inputs.iter().filter(|&&value| value == 0.0).count();
    zeros as f32 >= SPARSE * inputs.len() as f32
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
        add_product(
            left,
            Rows { values: &inputs, stride: depth },
            depth,
            Onto::Product,
            Rows { values: &mut dense, stride: depth },
        );
        assert_eq!(sparse, dense);
    }

    #[test]
    fn rows_of_any_width_may_be_zeros() {
        let depth = (1 << 16) + 1;
        let (mut inputs, mut gradient) = (vec![0.0; depth], vec![0.0; depth]);
        inputs[depth - 1] = 2.0;
        let mut outputs = [0.5];
        add_linear(&inputs, &vec![3.0; depth], &mut outputs, 1);
        assert_eq!(outputs, [6.5]);
        add_weight_gradient(&inputs, &[3.0], &mut gradient, 1);
        assert_eq!(gradient[depth - 2..], [0.0, 6.0]);
    }
}
