//! The crate from outside, and the pages that speak of the whole workspace.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod architecture;
mod corpus;
mod pictures;
mod promises;
mod search;
