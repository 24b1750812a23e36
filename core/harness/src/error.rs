//! What can go wrong with searches and pictures, besides what can go wrong in `ch11-core`.

use std::path::PathBuf;

use ch11_core::shown;

/// What [`Error`]s are returned in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong outside the program's control.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of `ch11-core`.
    #[error(transparent)]
    Core(#[from] ch11_core::Error),

    /// A file that says what a search may choose from is wrong.
    #[error("{}: {problem}", shown(path))]
    Space {
        /// The file.
        path: PathBuf,
        /// The line or the key, what was found, what was expected.
        problem: String,
    },

    /// The journal of a search cannot be used.
    #[error(
        "{}, line {line}: found {found}, expected a trial of this search; remove the line, and its fit is run again",
        shown(path)
    )]
    Journal {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What it holds.
        found: String,
    },

    /// A picture shows no digit, or more than one.
    #[error("{}: expected a digit that stands out from its background, found {found}; {remedy}", shown(path))]
    NotOneDigit {
        /// The picture.
        path: PathBuf,
        /// What it shows.
        found: String,
        /// What to do about it.
        remedy: &'static str,
    },
}
