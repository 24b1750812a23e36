//! The arithmetic behind the layers, over plain slices.
//!
//! All that takes time is compiled for several generations of processors, and the best for the machine is picked at run time.

mod adam;
mod batch_norm;
mod buffer;
mod dropout;
mod elu;
mod leaky_relu;
mod linear;
mod logistic;
mod nesterov;
mod prefetch;
mod product;
mod softmax;
mod sparse_row;
mod team;
mod transpose;

pub(crate) use adam::{AdamStep, adam_step, averaged_adam_step};
pub(crate) use batch_norm::{batch_norm_backward, column_statistics, scale_and_shift};
pub(crate) use buffer::Buffer;
pub(crate) use dropout::{draw_dropout_factors, dropout_factors};
pub(crate) use elu::{elu, elu_backward};
pub(crate) use leaky_relu::{leaky_relu, leaky_relu_backward};
pub(crate) use linear::{add_linear, add_weight_gradient};
pub(crate) use logistic::{logistic, logistic_loss};
pub(crate) use nesterov::{NesterovStep, nesterov_step};
pub(crate) use prefetch::prefetch;
pub(crate) use product::{LANES, Left, Rows, add_product};
pub(crate) use softmax::{largest, softmax};
pub(crate) use sparse_row::add_sparse_row;
pub(crate) use team::Team;
pub(crate) use transpose::transpose;

/// Moves each average towards its value, of which `keep` is kept.
pub(crate) fn average(keep: f32, values: &[f32], averages: &mut [f32]) {
    for (average, value) in averages.iter_mut().zip(values) {
        *average = keep * *average + (1.0 - keep) * value;
    }
}

/// Adds each row of `matrix`, `(n, row_sum.len())`, to `row_sum`.
pub(crate) fn add_rows(matrix: &[f32], row_sum: &mut [f32]) {
    for row in matrix.chunks_exact(row_sum.len()) {
        for (sum, value) in row_sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests {
    /// Numbers between -0.5 and 0.5 that follow no simple rule.
    pub(super) fn value(index: usize) -> f32 {
        ((index * 7919) % 1000) as f32 / 1000.0 - 0.5
    }
}
