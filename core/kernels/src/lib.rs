//! The arithmetic behind the layers, over plain slices.
//!
//! Everything that takes time is compiled for several generations of processors; the best version for the machine is
//! picked at run time.

#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

mod adam;
mod batch_norm;
mod buffer;
mod dropout;
mod elu;
mod exp;
mod fused;
mod leaky_relu;
mod linear;
mod logistic;
mod matrix;
mod nesterov;
mod number;
mod prefetch;
mod product;
mod smooth_field;
mod softmax;
mod sparse_rows;
mod step;
mod strided;
mod team;
mod transpose;
mod warp;

pub use adam::{AdamStep, adam_step, averaged_adam_step};
pub use batch_norm::{column_gradients, column_statistics, normalise, normalise_backward};
pub use buffer::Buffer;
pub use dropout::{draw_kept, dropout_factor, dropout_factors};
pub use elu::{elu, elu_backward};
pub use fused::multiplies_and_adds_in_one_rounding;
pub use leaky_relu::{leaky_relu, leaky_relu_backward};
pub use linear::{add_linear, add_weight_gradient};
pub use logistic::{logistic, logistic_backward, logistic_loss, logistic_of_each};
pub use matrix::{Left, Onto, Rows};
pub use nesterov::{NesterovStep, nesterov_step};
pub use number::Number;
pub use prefetch::prefetch;
pub use product::{LANES, add_product};
pub use smooth_field::SmoothField;
pub use softmax::{cross_entropy, cross_entropy_of_rows, largest, softmax};
pub use sparse_rows::{BLOCK, SparseRows};
pub use step::Step;
pub use strided::Strided;
pub use team::Team;
pub use transpose::transpose;
pub use warp::{Affine, Displacement, warp};

use multiversion::multiversion;

/// Moves each exponential moving average, whose decay is `decay`, towards its value.
pub fn average(decay: f32, values: &[f32], averages: &mut [f32]) {
    for (average, value) in averages.iter_mut().zip(values) {
        *average = decay * *average + (1.0 - decay) * value;
    }
}

/// Adds each row of `matrix`, `(n, row_sum.len())`, to `row_sum`.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
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
