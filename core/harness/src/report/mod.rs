//! Results as people and programs read them.

mod cell;
mod curves;
mod findings;
mod fit_curves;
mod page;
mod results;
mod samples;
mod table;
mod verdict;

pub use cell::Cell;
pub use curves::Curve;
pub use findings::Findings;
pub use fit_curves::FitCurves;
pub use page::{Axis, Exhibit, Picture, Plot, Report, Series, Style, grey_levels};
pub use results::{Row, RunResult, Tested};
pub use samples::{Samples, percent};
pub use verdict::compare;
