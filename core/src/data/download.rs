//! Downloading MNIST into the user's cache folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use ch11_fetch::{Piece, fetch};

use super::Progress;
use super::check::IdxFile;
use super::idx::{FORMS, Form};
use super::leftovers;
use super::places::Places;
use crate::{Error, Result};

/// The largest file has 9.9 MB.
const MAX_BODY_BYTES: u64 = 16 * 1024 * 1024;

/// How often to look whether to stop while nothing arrives.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The end of the name of a file that is not complete yet.
const PART: &str = ".part.gz";

const REMEDY: &str = "check the connection, name another mirror with MNIST_MIRROR, or fetch the four files yourself \
     and name their folder with `--data-dir DIR`";

/// Removes what killed downloads left in the cache folder.
pub(super) fn remove_leftovers(cache: &Path) {
    FORMS.iter().for_each(|form| leftovers::remove_files(cache, form.name, PART));
}

/// Returns the paths of the four files in the cache folder, gzipped as they came.
pub(super) fn cached_files(cache: &Path) -> [PathBuf; 4] {
    [0, 1, 2, 3].map(|index| cache.join(format!("{}.gz", FORMS[index].name)))
}

/// Fetches files, each from the first mirror that provides it undamaged.
pub(super) struct Downloader<'a> {
    places: &'a Places,
    progress: &'a dyn Progress,
}

/// Why a file did not come from one mirror.
enum Failure {
    /// The mirror's fault: the next one may work.
    Mirror(String),
    /// This machine's fault: no mirror can help.
    Local(Error),
}

impl<'a> Downloader<'a> {
    pub(super) fn new(places: &'a Places, progress: &'a dyn Progress) -> Self {
        Self { places, progress }
    }

    /// Downloads every file that is missing or damaged in `cache`. A file gets its name by a rename once it is complete
    /// and checked, so another process that does the same does no harm.
    pub(super) fn complete(&self, cache: &Path) -> Result<()> {
        fs::create_dir_all(cache).map_err(Error::io("create", cache))?;
        for ((form, sha256), target) in FORMS.iter().zip(&self.places.sha256).zip(cached_files(cache)) {
            let present = target.exists() && check(&target, form, sha256).is_ok();
            if !present {
                self.fetch(form, sha256, &target)?;
            }
        }
        Ok(())
    }

    fn fetch(&self, form: &'static Form, sha256: &str, target: &Path) -> Result<()> {
        let mut failures = Vec::new();
        for mirror in &self.places.mirrors {
            let url = format!("{mirror}{}.gz", form.name);
            match self.fetch_from(&url, form, sha256, target) {
                Ok(()) => return Ok(()),
                Err(Failure::Mirror(reason)) => failures.push((url, reason)),
                Err(Failure::Local(error)) => return Err(error),
            }
        }
        Err(Error::NotDownloaded { file: form.name, failures, remedy: REMEDY })
    }

    fn fetch_from(&self, url: &str, form: &'static Form, sha256: &str, target: &Path) -> Result<(), Failure> {
        let folder = target.parent().unwrap_or(Path::new("."));
        let part = leftovers::held_file(folder, form.name, PART);
        let (mut file, path) = part.map_err(Error::io("create a file in", folder)).map_err(Failure::Local)?;
        self.receive(url, |bytes| file.write_all(bytes).map_err(Error::io("write", &path)))?;
        check(&path, form, sha256).map_err(|error| match error {
            Error::DamagedFile { expected, found, .. } => {
                Failure::Mirror(format!("expected {expected}, found {found}"))
            }
            error => Failure::Local(error),
        })?;
        file.sync_all().map_err(Error::io("write", &path)).map_err(Failure::Local)?;
        path.persist(target).map_err(|error| Failure::Local(Error::io("write", target)(error.error)))?;
        Ok(())
    }

    /// Receives what is at an address, and looks again and again whether to stop.
    fn receive(&self, url: &str, mut keep: impl FnMut(&[u8]) -> Result<()>) -> Result<(), Failure> {
        let pieces = fetch(url, &self.places.network, self.places.timeouts, MAX_BODY_BYTES)
            .map_err(Error::io("start a thread to read from", url))
            .map_err(Failure::Local)?;
        let mut started = false;
        let received = loop {
            if self.progress.wants_to_stop() {
                break Err(Failure::Local(Error::Stopped));
            }
            match pieces.recv_timeout(BETWEEN_LOOKS) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    break Err(Failure::Mirror("the thread that read it has ended".to_owned()));
                }
                Ok(Piece::Start(bytes)) => {
                    self.progress.download_started(url, bytes);
                    started = true;
                }
                Ok(Piece::Bytes(bytes)) => match keep(&bytes) {
                    Ok(()) => self.progress.download_advanced(bytes.len() as u64),
                    Err(error) => break Err(Failure::Local(error)),
                },
                Ok(Piece::End(ended)) => break ended.map_err(Failure::Mirror),
            }
        };
        if started {
            self.progress.download_ended();
        }
        received
    }
}

fn check(path: &Path, form: &'static Form, sha256: &str) -> Result<()> {
    IdxFile::open(path, form)?.check(Some(sha256)).map(drop)
}
