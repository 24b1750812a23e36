//! The arithmetic behind the layers, over plain slices.
//!
//! Each function is compiled for several generations of processors and picks the best at run time. The element-wise ones
//! fuse no multiplication with an addition and keep their order, so they give the same bits on all of them.

mod adam;
mod elu;
mod matmul;
mod softmax;

pub(crate) use adam::{AdamStep, adam_step};
pub(crate) use elu::{elu, elu_backward};
pub(crate) use matmul::{Matrix, matmul};
pub(crate) use softmax::softmax;

/// Adds each row of `matrix`, `(n, row_sum.len())`, to `row_sum`.
pub(crate) fn add_rows(matrix: &[f32], row_sum: &mut [f32]) {
    for row in matrix.chunks_exact(row_sum.len()) {
        for (sum, value) in row_sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}
