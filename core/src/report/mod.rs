//! Results as people and programs read them.

mod row;
mod table;

pub use row::{Figure, Row, Rows};
pub use table::{Table, percent, thousands};
