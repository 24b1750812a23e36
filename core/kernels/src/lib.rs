//! The arithmetic behind the layers, over plain slices.
//!
//! Everything that takes time is compiled for several generations of processors; the best version for the machine is
//! picked at run time.

mod adam;
mod batch_norm;
mod block_statistics;
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
mod sparse_rows;
mod step;
mod team;
mod transpose;

pub use adam::{AdamStep, adam_step, averaged_adam_step};
pub use batch_norm::{
    add_block_statistics, batch_norm_backward, column_statistics, normalise, normalise_backward, scale_and_shift,
};
pub use block_statistics::BlockStatistics;
pub use buffer::Buffer;
pub use dropout::{draw_dropout_factors, dropout_factors};
pub use elu::{elu, elu_backward};
pub use leaky_relu::{leaky_relu, leaky_relu_backward};
pub use linear::{add_linear, add_weight_gradient};
pub use logistic::{logistic, logistic_loss};
pub use nesterov::{NesterovStep, nesterov_step};
pub use prefetch::prefetch;
pub use product::{LANES, Left, Rows, add_product};
pub use softmax::{cross_entropy, largest, softmax};
pub use sparse_row::add_sparse_row;
pub use sparse_rows::{SparseColumns, SparseRows};
pub use step::Step;
pub use team::Team;
pub use transpose::transpose;

/// Moves each exponential moving average, whose decay is `decay`, towards its value.
pub fn average(decay: f32, values: &[f32], averages: &mut [f32]) {
    for (average, value) in averages.iter_mut().zip(values) {
        *average = decay * *average + (1.0 - decay) * value;
    }
}

/// Adds each row of `matrix`, `(n, row_sum.len())`, to `row_sum`.
pub fn add_rows(matrix: &[f32], row_sum: &mut [f32]) {
    for row in matrix.chunks_exact(row_sum.len()) {
        for (sum, value) in row_sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests {
    /// Numbers between -0.5 and 0.5 without a simple pattern.
    pub(super) fn value(index: usize) -> f32 {
        ((index * 7919) % 1000) as f32 / 1000.0 - 0.5
    }
}
