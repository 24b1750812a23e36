//! Hyper-parameter search: candidates drawn from a space, cross-validated side by side, kept in a journal, and ranked.
//!
//! - [`Space`] says which values a search may take; [`Space::sample`] draws [`Candidate`]s from it, each at most once.
//! - [`Search`] is what is searched and how; it names the [`Trial`]s, one fit of one candidate on one fold, that are to be run.
//! - [`Journal`] keeps a line per finished trial. A search that was cut off goes on with what it lacks, and several processes may
//!   share one.
//! - [`Ranking`] orders the candidates by what the trials gave.

mod candidate;
mod held_journal;
mod journal;
mod outcome;
mod plan;
mod ranking;
mod schedule;
mod shard;
mod shown;
mod space;
#[cfg(test)]
mod tests;
mod trial;

pub use candidate::Candidate;
pub(crate) use held_journal::HeldJournal;
pub use held_journal::Opened;
pub use journal::Journal;
pub(crate) use journal::{parse, parse_description};
pub use outcome::{Finite, Outcome};
pub use plan::Search;
pub use ranking::{Ranked, Ranking};
pub use shard::Shard;
pub use space::Space;
pub use trial::{Record, Trial};
