#![doc = include_str!("README.md")]

mod batch_shard;
mod first_layer;
mod network;
mod norm;
mod parameter_shard;
mod parameters;
mod passes;
mod plan;
#[cfg(test)]
mod tests;

pub(crate) use network::FusedNetwork;
pub(crate) use parameters::{FlatParameters, Update};
