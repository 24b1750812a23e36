//! The errors of this crate: each names what was found, what was expected and what to do.

use std::path::PathBuf;

/// What [`Error`]s are returned in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong outside the program's control.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading, writing or renaming a file failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was being done, as a verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl Error {
    /// Returns a closure for `map_err` that adds what was done to which file.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
