//! Results as people and programs read them.

mod curves;
mod fits;
mod page;
mod results;
mod table;
mod ticks;
mod verdict;

pub use curves::{Curve, learning_curves};
pub use fits::Fits;
pub use page::{Axis, Cell, Exhibit, Picture, Plot, Report, Section, Series, Style, grey_levels};
pub use results::{ResultRow, RunResult, Samples};
pub use table::{Table, percent};
pub use verdict::compare;
