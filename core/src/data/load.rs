//! Which source of digits is taken.

use std::path::{Path, PathBuf};

use super::download::{self, Downloader};
use super::places::Places;
use super::{Digits, Origin, Progress, find, parse, synthetic};
use crate::shown;
use crate::{Error, Result};

const REMEDY: &str = "name a folder that has the four files with `--data-dir DIR` or MNIST_DIR, \
     or say `--data synthetic`";

/// Which digits are wanted: the values of `--data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// MNIST wherever it is found, or else synthetic digits.
    #[default]
    Auto,
    /// MNIST, and nothing else.
    Mnist,
    /// The IDX files in the named folder, whatever they show.
    Idx,
    /// Digits drawn by this program.
    Synthetic,
}

/// What the user says about the digits they want.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Which digits.
    pub choice: Choice,
    /// The folder that holds the files, from `--data-dir` or `MNIST_DIR`, which [`load`] does not read itself. Nothing
    /// else is tried when it is named.
    pub folder: Option<PathBuf>,
    /// Never to open a connection.
    pub offline: bool,
    /// What to draw, if synthetic digits are taken.
    pub synthetic: synthetic::DrawnDigits,
}

/// Loads digits from the first source that works, and says through `progress` why others were passed over.
///
/// The order is: the named folder; `data/mnist` in the current folder or in the workspace around it; the user's cache
/// folder; a download into that; synthetic digits, unless [`Choice::Mnist`] rules them out. The first two are the
/// user's own, so that files missing or damaged in them are errors; the cache is mended by downloading.
///
/// # Errors
/// [`Error::MissingFile`], [`Error::DamagedFile`] or [`Error::CountMismatch`] if the user's own folder is not in order;
/// [`Error::NotDownloaded`] or [`Error::NoMnist`] if MNIST was insisted on and cannot be had;
/// [`Error::IdxNeedsFolder`] if [`Choice::Idx`] comes without a folder; [`Error::Io`] if a file cannot be read, or the
/// temporary copy that is parsed cannot be written; [`Error::Stopped`] if that was wanted.
pub fn load(request: &Request, progress: &dyn Progress) -> Result<Digits> {
    load_from(&Places::from_environment(), request, progress)
}

/// [`load`], with given surroundings.
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
                Err(reason) if request.choice == Choice::Auto && cannot_be_had(&reason, places) => {
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

/// Tells whether an error means that there is no MNIST to be had here, and not that something is wrong with MNIST at hand.
fn cannot_be_had(error: &Error, places: &Places) -> bool {
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
