//! The pages from outside.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod figures;
mod links;
