//! Hyper-parameter search: candidates are drawn from a space, cross-validated in parallel, recorded in a journal, and
//! ranked.
//!
//! - [`Space`] lists the values to choose from; [`Space::sample`] draws different [`Candidate`]s from it.
//! - [`Search`] describes what is searched and how. It consists of [`Trial`]s, each a fit of one candidate on one fold.
//! - [`Journal`] holds a line per finished trial, so that an interrupted search can go on, and several processes can
//!   share one.
//! - [`Ranking`] orders the candidates by the scores of their trials.

mod candidate;
mod candidates_file;
mod fold_count;
mod held_journal;
mod influence;
mod journal;
mod outcome;
mod plan;
mod processor;
mod ranking;
mod records;
mod report;
mod schedule;
mod shard;
mod space;
mod status;
#[cfg(test)]
mod tests;
mod trial;
mod worker;

pub use candidate::Candidate;
pub use fold_count::FoldCount;
pub(crate) use held_journal::HeldJournal;
pub use held_journal::Opened;
pub use influence::Influence;
pub use journal::Journal;
pub(crate) use journal::parse_description;
pub use outcome::{Finite, Outcome};
pub use plan::Search;
pub use processor::Processor;
pub use ranking::{Ranked, Ranking};
pub use records::Records;
pub(crate) use records::parse;
pub use shard::Shard;
pub use space::Space;
pub use status::{ShardStatus, Status};
pub use trial::{Record, Trial};
pub use worker::{Announced, Worker};
