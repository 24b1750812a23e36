//! Results as people and programs read them.

mod results;
mod table;

pub use results::{ResultRow, RunResult, Samples};
pub use table::{Table, percent};
