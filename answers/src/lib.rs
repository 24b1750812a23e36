//! What answers to exercises 1 to 7 experiment with.

pub mod activations;
pub mod experiment;
pub mod figures;
pub mod momentum;
pub mod rank;
pub mod sparse;
