//! The arithmetic behind the layers, over plain slices.
//!
//! Activation functions, their derivatives and the optimizers' steps are compiled for several generations of processors, and `gemm` brings kernels for
//! several; the best for the machine is picked at run time. Ours fuse no multiplication with an addition, so they give the
//! same bits on all machines; `gemm`'s sums do not.

mod adam;
mod batch_norm;
mod dropout;
mod elu;
mod leaky_relu;
mod linear;
mod logistic;
mod nesterov;
mod product;
mod softmax;
mod team;

pub(crate) use adam::{AdamStep, adam_step, averaged_adam_step};
pub(crate) use batch_norm::{batch_norm_backward, column_statistics, scale_and_shift};
pub(crate) use dropout::{draw_dropout_factors, dropout_factors};
pub(crate) use elu::{elu, elu_backward};
pub(crate) use leaky_relu::{leaky_relu, leaky_relu_backward};
pub(crate) use linear::{add_linear, add_weight_gradient};
pub(crate) use logistic::{logistic, logistic_loss};
pub(crate) use nesterov::{NesterovStep, nesterov_step};
pub(crate) use product::{LANES, Left, Rows, add_product, add_sparse_row, transpose};
pub(crate) use softmax::softmax;
pub(crate) use team::Team;

/// Adds each row of `matrix`, `(n, row_sum.len())`, to `row_sum`.
pub(crate) fn add_rows(matrix: &[f32], row_sum: &mut [f32]) {
    for row in matrix.chunks_exact(row_sum.len()) {
        for (sum, value) in row_sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}
