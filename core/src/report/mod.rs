//! Results as people and programs read them.

mod curves;
mod results;
mod table;
mod verdict;

pub use curves::{Curve, learning_curves};
pub use results::{ResultRow, RunResult, Samples};
pub(crate) use table::align;
pub use table::{Table, percent};
pub use verdict::compare;
