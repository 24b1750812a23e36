//! The crate from outside.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod augment;
mod batch_norm;
mod corpus;
mod dropout;
mod frozen;
mod gradients;
mod nearest;
mod optimizers;
mod pairs;
mod resuming;
mod synthetic;
mod training;
