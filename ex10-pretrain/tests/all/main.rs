//! Exercise 10, run from outside.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;
mod data;
mod determinism;
mod json;
mod kill;
mod mnist;
mod quick_run;
mod tensorboard;
mod usage;
mod whole_networks;
