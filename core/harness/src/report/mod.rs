//! Results as people and programs read them.

mod cell;
mod curves;
mod findings;
mod fit_curves;
mod label_curve;
mod page;
mod pairs;
mod race;
mod results;
mod samples;
mod speed_up;
mod spreads;
mod table;
mod verdict;

pub use cell::Cell;
pub use curves::Curve;
pub use findings::Findings;
pub(crate) use findings::letter_of;
pub use fit_curves::FitCurves;
pub use label_curve::LabelCurve;
pub use page::{
    AcrossAxes, Axis, ClassifierView, Parallel, Picture, Plot, Report, Series, Style, UprightAxis, grey_levels,
};
pub use pairs::{pairs_by_heads, pictures_of_pairs};
pub use race::Races;
pub use results::{Row, RunResult, Tested};
pub use samples::{Samples, percent};
pub use speed_up::SpeedUps;
pub(crate) use verdict::{Comparison, Verdict, answer_all, over_labels};
pub use verdict::{McNemar, PairedDifference, holm, mcnemar};
