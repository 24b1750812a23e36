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
mod plan;
mod ranking;
mod record;
mod shard;
mod shown;
mod space;
#[cfg(test)]
mod tests;
mod trial;

pub use candidate::Candidate;
pub(crate) use held_journal::HeldJournal;
pub use journal::{Journal, Opened};
pub(crate) use journal::{parse, parse_description};
pub use plan::{Search, Trial};
pub use ranking::{Ranked, Ranking};
pub use record::{Finite, Outcome, Record};
pub use shard::Shard;
pub use space::Space;
