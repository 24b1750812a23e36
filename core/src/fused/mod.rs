#![doc = include_str!("README.md")]

mod backward;
mod forward;
mod network;
mod norm;
mod parameter_shard;
mod parameters;
mod plan;
mod rows;
mod stage_shard;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use network::FusedNetwork;
pub(crate) use parameters::{FlatParameters, Update};
