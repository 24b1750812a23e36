//! Where digits come from, and how they are split and batched.

mod dataset;

pub use dataset::Dataset;
