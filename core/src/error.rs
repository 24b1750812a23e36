//! The errors of this crate: each names what was found, what was expected and what to do.

use std::path::PathBuf;

use crate::shown;

/// What [`Error`]s are returned in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong outside the program's control.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading, writing or renaming a file failed.
    #[error("{}: cannot {action}: {cause}", shown(path))]
    Io {
        /// What was being done, as a verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },

    /// Something else is in the place of a file or a folder that is to be made.
    #[error("{}: found {found}, expected {expected}, or nothing yet", shown(path))]
    InTheWay {
        /// The path.
        path: PathBuf,
        /// What is there: `a folder`, `a pipe`.
        found: &'static str,
        /// What should be: `a file` or `a folder`.
        expected: &'static str,
    },

    /// A file of weights or of a training state cannot be used.
    #[error("{}: found {found}, expected {expected}", shown(path))]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What was needed.
        expected: String,
    },

    /// A saved run cannot be resumed in another way than it was begun.
    #[error("{}: begun with {what} {found}, asked to resume with {expected}", shown(path))]
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

    /// Another process trains in a run folder.
    #[error("{}: another process trains here; wait for it to end", shown(path))]
    FolderInUse {
        /// The run folder.
        path: PathBuf,
    },

    /// dfdx ran out of memory.
    #[error("out of memory for a tensor ({0}); a smaller --batch-size needs less")]
    Tensor(#[from] dfdx::tensor::CpuError),

    /// A file of digits is not in the folder where it was looked for.
    #[error("{}: expected {file} or {file}.gz, found {found}; {remedy}", shown(folder))]
    MissingFile {
        /// Where it was looked for.
        folder: PathBuf,
        /// The name of the file, without `.gz`.
        file: &'static str,
        /// What is there instead: `no such folder`, `neither`.
        found: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// Two files of digits may each be meant, and they differ.
    #[error(
        "{}: expected one {file}, found {} and {}, which differ; {remedy}",
        shown(folder),
        shown(first),
        shown(second)
    )]
    AmbiguousFiles {
        /// Where they were looked for.
        folder: PathBuf,
        /// The usual name of the file.
        file: &'static str,
        /// One of them, from that folder on.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// What to do about it.
        remedy: &'static str,
    },

    /// A file of digits is there, but it does not hold what it should.
    #[error("{}: expected {expected}, found {found}; {remedy}", shown(path))]
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// What the file should hold.
        expected: String,
        /// What it holds.
        found: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// An image file and its label file have different numbers of rows.
    #[error(
        "{} has {image_count} images, but {} has {label_count} labels: they must be as many; \
         take both files from the same data set",
        shown(images),
        shown(labels)
    )]
    CountMismatch {
        /// The file of images.
        images: PathBuf,
        /// How many images its header announces.
        image_count: u32,
        /// The file of labels.
        labels: PathBuf,
        /// How many labels its header announces.
        label_count: u32,
    },

    /// No mirror had a file of MNIST.
    #[error("cannot download {file}.gz:\n{}\n{remedy}", lines(failures))]
    NotDownloaded {
        /// The name of the file, without `.gz`.
        file: &'static str,
        /// Each address that was tried, with what went wrong.
        failures: Vec<(String, String)>,
        /// What to do about it.
        remedy: &'static str,
    },

    /// MNIST is in none of the places where it was looked for, and may not or cannot be downloaded.
    #[error("found no MNIST files in {searched}, and did not download them: {reason}; {remedy}")]
    NoMnist {
        /// The places, as text.
        searched: String,
        /// Why there was no download.
        reason: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },

    /// Digits were being loaded when the program was asked to stop.
    #[error("stopped while digits were loaded")]
    Stopped,

    /// IDX files were asked for, but not in which folder.
    #[error("`--data idx` reads your own IDX files: name their folder with `--data-dir DIR` or MNIST_DIR")]
    IdxNeedsFolder,

    /// A class has a single image, and no other to be paired with.
    #[error(
        "class {class} has a single image: a pair of the same class needs two; take a set with more, or none of it"
    )]
    LoneImage {
        /// The class.
        class: usize,
    },

    /// Pairs of different classes cannot be drawn.
    #[error(
        "found images of {classes} class, expected two classes or more: a pair of different ones needs them; take another set"
    )]
    TooFewClasses {
        /// How many classes have images.
        classes: usize,
    },

    /// The folder for temporary files has a name that the `mnist` crate cannot take.
    #[error("{}: the temporary folder's name is not UTF-8; set TMPDIR to another", shown(path))]
    TemporaryFolderNotUtf8 {
        /// The folder.
        path: PathBuf,
    },

    /// The `mnist` crate refused files that had passed every check.
    #[error("the mnist crate could not parse checked files: {message}; please report this")]
    Parser {
        /// What it panicked with.
        message: String,
    },
}

impl Error {
    /// Returns a closure for `map_err` that adds what was done to which file.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { action, path, cause }
    }
}

fn lines(failures: &[(String, String)]) -> String {
    let lines: Vec<String> = failures.iter().map(|(url, reason)| format!("  {url}: {reason}")).collect();
    lines.join("\n")
}
