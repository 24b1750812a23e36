//! Reads what is at an address, by the proxies and certificates that curl would use.
//!
//! It comes piece by piece from a thread of its own, so that a silent network keeps nobody from doing something else.
#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod network;
mod pieces;

pub use network::{Network, Timeouts};
pub use pieces::{Piece, fetch};
