//! Hyper-parameter search: candidates drawn from a space, cross-validated side by side, kept in a journal, and ranked.
//!
//! - [`Space`] says which values a search may take; [`Space::sample`] draws [`Candidate`]s from it, each at most once.
//! - [`Search`] is what is searched and how; it names the [`Trial`]s, one fit of one candidate on one fold, that are to be run.
//! - [`Journal`] keeps a line per finished trial. A search that was cut off goes on with what it lacks, and several processes may
//!   share one.
//! - [`Ranking`] orders the candidates by what the trials gave.

mod candidate;
mod journal;
mod plan;
mod ranking;
mod shown;
mod space;
mod trial;

pub use candidate::Candidate;
pub use journal::{Journal, Opened, Outcome, Record, Shard};
pub(crate) use journal::{parse, parse_description};
pub use plan::{Search, Trial};
pub use ranking::{Ranked, Ranking};
pub use space::Space;
