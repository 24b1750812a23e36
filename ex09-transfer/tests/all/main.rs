//! Exercise 9, run from outside.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;
mod determinism;
#[cfg(unix)]
mod interrupt;
mod json;
mod mnist;
mod other_programs;
mod parts;
mod pretrained;
mod quick_run;
mod usage;
mod whole_networks;
