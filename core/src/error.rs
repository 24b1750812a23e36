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

    /// A file of weights or of a training state cannot be used.
    #[error("{}: found {found}, expected {expected}; name another file, or remove this one and train again", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What was needed.
        expected: String,
    },

    /// A saved run cannot be gone on with by other means than it was begun with.
    #[error("{}: begun with {what} {found}, asked to go on with {expected}; ask for {found}, or start afresh without --resume", path.display())]
    OtherRun {
        /// The checkpoint to resume from.
        path: PathBuf,
        /// What differs, as a flag or a noun.
        what: &'static str,
        /// What the run was begun with.
        found: String,
        /// What was asked for now.
        expected: String,
    },

    /// dfdx ran out of memory.
    #[error("out of memory for a tensor ({0}); a smaller --batch-size needs less")]
    Tensor(#[from] dfdx::tensor::CpuError),
}

impl Error {
    /// Returns a closure for `map_err` that adds what was done to which file.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
