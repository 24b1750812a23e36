//! Exercise 8, run from outside.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod augment;
mod closed_output;
mod common;
mod damaged_checkpoint;
mod data;
mod determinism;
mod divergence;
mod earlier_work;
#[cfg(unix)]
mod interrupt;
mod json;
mod kill;
#[cfg(unix)]
mod limits;
#[cfg(target_os = "linux")]
mod loading;
#[cfg(target_os = "linux")]
mod locks;
mod mnist;
#[cfg(unix)]
mod names;
mod pictures;
mod quick_run;
mod resume;
mod run_folder;
mod search;
mod shards;
#[cfg(target_os = "linux")]
mod status;
mod surroundings;
mod terminal;
#[cfg(target_os = "linux")]
mod threads;
mod tools;
mod untrained;
mod usage;
