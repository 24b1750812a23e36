//! Choosing the source of digits.

use std::path::{Path, PathBuf};

use super::download::{self, Downloader};
use super::places::Places;
use super::{Digits, Origin, Progress, find, parse, synthetic};
use crate::shown;
use crate::{Error, Result};

const REMEDY: &str = "name a folder that has the four files with `--data-dir DIR` or MNIST_DIR, \
     or say `--data synthetic`";

/// Which digits to load: the values of `--data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// MNIST wherever it is found, otherwise synthetic digits.
    #[default]
    Auto,
    /// MNIST, and nothing else.
    Mnist,
    /// The IDX files in the named folder, MNIST or not.
    Idx,
    /// Digits drawn by this program.
    Synthetic,
}

/// The user's request for digits.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Which digits.
    pub choice: Choice,
    /// The folder of the files, from `--data-dir` or `MNIST_DIR`, which [`load`] does not read itself. If it is named,
    /// no other source is tried.
    pub folder: Option<PathBuf>,
    /// Whether to open no connection.
    pub offline: bool,
    /// What to draw if the digits are synthetic.
    pub synthetic: synthetic::DrawnDigits,
}

/// Loads digits from the first source that works, and reports through `progress` why others were skipped.
///
/// The order is: the named folder; `data/mnist` in the current folder or in the workspace around it; the user's cache
/// folder; a download into that; synthetic digits, unless [`Choice::Mnist`] rules them out. The first two belong to the
/// user, so missing or damaged files there are errors; the cache is repaired by downloading.
///
/// # Errors
/// - [`Error::MissingFile`], [`Error::DamagedFile`] or [`Error::CountMismatch`] if something is wrong with the user's
///   files;
/// - [`Error::NotDownloaded`] or [`Error::NoMnist`] if MNIST was required and is not available;
/// - [`Error::IdxNeedsFolder`] for [`Choice::Idx`] without a folder;
/// - [`Error::Io`] if a file cannot be read, or its temporary copy cannot be written;
/// - [`Error::Stopped`] if `progress` asked to stop.
pub fn load(request: &Request, progress: &dyn Progress) -> Result<Digits> {
    load_from(&Places::from_environment(), request, progress)
}

/// Loads digits as [`load`] does, from given places.
pub(super) fn load_from(places: &Places, request: &Request, progress: &dyn Progress) -> Result<Digits> {
    places.cache.iter().for_each(|cache| download::remove_leftovers(cache));
    match (request.choice, &request.folder) {
        (Choice::Synthetic, _) => Ok(request.synthetic.draw()),
        (Choice::Idx, None) => Err(Error::IdxNeedsFolder),
        (Choice::Idx, Some(folder)) => {
            parse::parse(&find::find(folder, None)?, None, Origin::Folder(folder.clone()), progress)
        }
        (Choice::Auto | Choice::Mnist, Some(folder)) => read_folder(places, folder, progress),
        (Choice::Auto | Choice::Mnist, None) => {
            if let Some(folder) = places.workspace.iter().find(|folder| find::holds_any(folder)) {
                return read_folder(places, folder, progress);
            }
            let mnist = cached_or_downloaded(places, request.offline, progress);
            match mnist {
                Err(reason) if request.choice == Choice::Auto && is_unavailable(&reason, places) => {
                    progress.notice(&format!("{reason}\nUsing synthetic digits (not MNIST) instead."));
                    Ok(request.synthetic.draw())
                }
                mnist => mnist,
            }
        }
    }
}

fn read_folder(places: &Places, folder: &Path, progress: &dyn Progress) -> Result<Digits> {
    parse::parse(
        &find::find(folder, Some(&places.sha256))?,
        Some(&places.sha256),
        Origin::Folder(folder.to_owned()),
        progress,
    )
}

fn cached_or_downloaded(places: &Places, offline: bool, progress: &dyn Progress) -> Result<Digits> {
    let Some(cache) = &places.cache else {
        return Err(no_mnist(places, "there is no home folder to keep them in"));
    };
    if let Ok(files) = find::find(cache, Some(&places.sha256)) {
        match parse::parse(&files, Some(&places.sha256), Origin::Folder(cache.clone()), progress) {
            Err(error @ (Error::DamagedFile { .. } | Error::CountMismatch { .. })) => {
                progress.notice(&format!("The cache folder is damaged. {error}"));
            }
            digits_or_error => return digits_or_error,
        }
    }
    if offline {
        return Err(no_mnist(places, "`--offline` forbids it"));
    }
    Downloader::new(places, progress).complete(cache)?;
    let files = download::cached_files(cache);
    parse::parse(&files, Some(&places.sha256), Origin::Downloaded(cache.clone()), progress)
}

/// Returns whether an error means that MNIST is not available here, not that something is wrong with files that are.
fn is_unavailable(error: &Error, places: &Places) -> bool {
    match error {
        Error::NoMnist { .. } | Error::NotDownloaded { .. } => true,
        Error::Io { path, .. } => places.cache.as_ref().is_some_and(|cache| path.starts_with(cache)),
        _ => false,
    }
}

fn no_mnist(places: &Places, reason: &'static str) -> Error {
    let searched: Vec<String> = places.workspace.iter().chain(&places.cache).map(shown).collect();
    Error::NoMnist { searched: searched.join(", "), reason, remedy: REMEDY }
}
