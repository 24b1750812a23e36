//! What the tests of all binaries share: a place to run one in, away from the user's files, and a look at what it left there.
//!
//! Only tests depend on this package. A test that finds something amiss panics, and so do these functions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contents;
mod corpus;
mod document;
mod idx;
mod output;
mod paper;
mod place;
mod report;
mod running;
mod usage;

pub use contents::Contents;
pub use corpus::assert_corpus;
pub use document::{assert_run, assert_spreads, assert_verdicts, values, without_verdicts};
pub use idx::write_idx;
pub use output::{ROW, assert_fails, keys, line_of, sorted, stderr, stdout, timeless};
pub use paper::Paper;
pub use place::{Binary, Place, TIMEOUT};
pub use report::Report;
pub use running::Running;

/// What a fit's folder holds when the fit has ended.
pub const FILES: [&str; 5] = ["best.ckpt", "final.ckpt", "final.safetensors", "last.ckpt", "seconds.json"];
