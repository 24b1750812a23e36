//! The errors of this crate: each names what was found, what was expected and what to do.

use std::path::{Path, PathBuf};

use crate::shown;

/// A result with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong outside the program's control.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading, writing or renaming a file failed.
    #[error("{}: cannot {action}: {cause}", shown(path))]
    Io {
        /// The action that failed, as a verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        cause: std::io::Error,
    },

    /// Something else is in the place of a file or a folder that is to be created.
    #[error("{}: found {found}, expected {expected}, or nothing yet", shown(path))]
    InTheWay {
        /// The path.
        path: PathBuf,
        /// What exists there: `a folder`, `a pipe`.
        found: &'static str,
        /// What should be there: `a file` or `a folder`.
        expected: &'static str,
    },

    /// A file of weights or of a training state cannot be used.
    #[error("{}: found {found}, expected {expected}", shown(path))]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What the file holds.
        found: String,
        /// What it should hold.
        expected: String,
    },

    /// A saved run cannot be resumed with other settings or data than it was begun with.
    #[error("{}: begun with {what} {found}, asked to resume with {expected}", shown(path))]
    OtherRun {
        /// The checkpoint to resume from.
        path: PathBuf,
        /// What differs, as a flag or a noun.
        what: &'static str,
        /// What the run was begun with.
        found: String,
        /// What was asked for when resuming.
        expected: String,
    },

    /// Another process is training in a run folder.
    #[error("{}: another process trains here; wait for it to end", shown(path))]
    FolderInUse {
        /// The run folder.
        path: PathBuf,
    },

    /// Another fit of this process is training in a run folder.
    #[error("{}: another fit of this process trains here; give each fit a folder of its own", shown(path))]
    FolderUsedTwice {
        /// The run folder.
        path: PathBuf,
    },

    /// dfdx ran out of memory.
    #[error("out of memory for a tensor ({0}); a smaller --batch-size needs less")]
    Tensor(#[from] dfdx::tensor::CpuError),

    /// A file of digits is missing from a folder.
    #[error("{}: expected {file} or {file}.gz, found {found}; {remedy}", shown(folder))]
    MissingFile {
        /// The folder.
        folder: PathBuf,
        /// The name of the file, without `.gz`.
        file: &'static str,
        /// What was found instead: `no such folder`, `neither`.
        found: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// Two different files may each be the wanted file of digits.
    #[error(
        "{}: expected one {file}, found {} and {}, which differ; {remedy}",
        shown(folder),
        shown(first),
        shown(second)
    )]
    AmbiguousFiles {
        /// The folder.
        folder: PathBuf,
        /// The usual name of the file.
        file: &'static str,
        /// One of the two, relative to the folder.
        first: PathBuf,
        /// The other, relative to the folder.
        second: PathBuf,
        /// What to do about it.
        remedy: &'static str,
    },

    /// A file of digits does not hold what it should.
    #[error("{}: expected {expected}, found {found}; {remedy}", shown(path))]
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// What the file should hold.
        expected: String,
        /// What it holds instead.
        found: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// An image file and its label file have different numbers of rows.
    #[error(
        "{} has {image_count} images, but {} has {label_count} labels: the numbers must be equal; \
         take both files from the same data set",
        shown(images),
        shown(labels)
    )]
    CountMismatch {
        /// The file of images.
        images: PathBuf,
        /// The number of images in its header.
        image_count: u32,
        /// The file of labels.
        labels: PathBuf,
        /// The number of labels in its header.
        label_count: u32,
    },

    /// No mirror provided a file of MNIST.
    #[error("cannot download {file}.gz:\n{}\n{remedy}", lines(failures))]
    NotDownloaded {
        /// The name of the file, without `.gz`.
        file: &'static str,
        /// Each address that was tried, with the reason why it failed.
        failures: Vec<(String, String)>,
        /// What to do about it.
        remedy: &'static str,
    },

    /// MNIST was not found in any of its usual places, and could not be downloaded.
    #[error("found no MNIST files in {searched}, and did not download them: {reason}; {remedy}")]
    NoMnist {
        /// The places that were searched, as text.
        searched: String,
        /// Why there was no download.
        reason: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },

    /// The program was asked to stop while it was loading digits.
    #[error("stopped while loading digits")]
    Stopped,

    /// IDX files were asked for without naming their folder.
    #[error("`--data idx` reads your own IDX files: name their folder with `--data-dir DIR` or MNIST_DIR")]
    IdxNeedsFolder,

    /// A class has a single image, so it has no pair of the same class.
    #[error(
        "class {class} has a single image: a pair of the same class needs two; take a data set with more of it, or with none"
    )]
    LoneImage {
        /// The class.
        class: usize,
    },

    /// There are too few classes for pairs of different classes.
    #[error(
        "found images of {classes} class, expected at least two classes, for pairs of different ones; take another data set"
    )]
    TooFewClasses {
        /// How many classes have images.
        classes: usize,
    },

    /// The `mnist` crate cannot use the name of the folder for temporary files.
    #[error("{}: the temporary folder's name is not UTF-8; set TMPDIR to another", shown(path))]
    TemporaryFolderNotUtf8 {
        /// The folder.
        path: PathBuf,
    },

    /// The `mnist` crate rejected files that had passed every check.
    #[error("the mnist crate could not parse checked files: {message}; please report this")]
    Parser {
        /// The message of its panic.
        message: String,
    },
}

impl Error {
    /// Makes an [`Error::Checkpoint`].
    pub fn checkpoint(path: &Path, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Checkpoint { path: path.to_owned(), found: found.into(), expected: expected.into() }
    }

    /// Returns a closure for `map_err` that makes an [`Error::Io`] of an action on a file.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { action, path, cause }
    }
}

fn lines(failures: &[(String, String)]) -> String {
    let lines: Vec<String> = failures.iter().map(|(url, reason)| format!("  {url}: {reason}")).collect();
    lines.join("\n")
}
