//! What a search has found so far, on disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::records::{Records, read, whole};
use super::{Record, Search, Shard};
use ch11_core::disk::{DiskFile, Lock, LockedFolder, flush_folder_of, make_folder, must_be_file, persist};
use ch11_core::{Error, Result};

/// How long to wait for another process to release the same share: a file server may be slow to learn that the machine
/// of a process has died.
const PATIENCE: Duration = Duration::from_secs(5);

/// The finished trials of a search, in a folder:
///
/// - `search.json`: the description of the search, so that no other search continues it;
/// - `trials-1-of-1.jsonl`: a line of JSON per trial, flushed to disk as soon as the trial ends. Each process writes a
///   file of its own, such as `trials-2-of-5.jsonl`, so that several can share a file system without waiting for each
///   other.
///
/// A last line that is incomplete, since its process died, is dropped, and its trial is run again.
#[derive(Debug)]
pub struct Journal {
    own: Mutex<Lines>,
    records: Mutex<Records>,
    folder: LockedFolder,
    _own_lock: Lock,
}

/// Returns the path of a share's journal.
pub(super) fn trials_of(folder: &Path, shard: Shard) -> PathBuf {
    folder.join(format!("trials-{shard}.jsonl").replace('/', "-of-"))
}

pub(super) fn description(folder: &Path) -> PathBuf {
    folder.join("search.json")
}

impl Journal {
    /// Opens the journal for `shard` in a locked folder where room has been made.
    pub(super) fn open_held(folder: LockedFolder, search: &Search, shard: Option<Shard>) -> crate::Result<Self> {
        let path = folder.path();
        make_folder(path)?;
        let own_path = trials_of(path, shard.unwrap_or(Shard::ONLY));
        let own_lock = Lock::within(&own_path, PATIENCE)?;
        describe(search, &description(path))?;
        let own = Mutex::new(Lines::open(&own_path)?);
        let journal = Self { own, records: Mutex::default(), folder, _own_lock: own_lock };
        journal.merge(search)?;
        Ok(journal)
    }

    /// Reads the trials of all processes, and returns their number.
    ///
    /// # Errors
    /// If a file cannot be read, or holds a line that is not a trial of this search.
    pub fn merge(&self, search: &Search) -> crate::Result<usize> {
        let merged = Records::read(self.folder.path(), search)?;
        let trials = merged.len();
        *self.lock() = merged;
        Ok(trials)
    }

    /// Adds a finished trial; when this returns, it is on disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&self, record: Record) -> Result<()> {
        let path = self.folder.path();
        let mut line = serde_json::to_vec(&record).map_err(|error| Error::io("write", path)(error.into()))?;
        line.push(b'\n');
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.add(&line).map_err(Error::io("write in", path))?;
        self.lock().add(record);
        Ok(())
    }

    /// Returns the trials that have finished.
    pub fn records(&self) -> Records {
        self.lock().clone()
    }

    /// Returns the number of finished trials.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether no trial has finished yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the description of a new search in a file, or checks that the one in the file is of this search.
fn describe(search: &Search, path: &Path) -> Result<()> {
    // Shards that start at the same time take turns.
    let _lock = Lock::within(path, PATIENCE)?;
    if path.exists() {
        return must_be(search, path);
    }
    let json = serde_json::to_vec_pretty(search).map_err(|error| Error::io("write", path)(error.into()))?;
    persist(path, &json)
}

/// Checks that a file describes this search.
pub(super) fn must_be(search: &Search, path: &Path) -> Result<()> {
    let begun = parse_description(&read(path)?, path)?;
    let differences = search.differences(&begun);
    match differences.into_iter().find(|(_, found, expected)| found != expected) {
        Some((what, found, expected)) => Err(Error::OtherRun { path: path.to_owned(), what, found, expected }),
        None => Ok(()),
    }
}

/// Says that nothing tells which search a journal's trials are of.
pub(super) fn without_description(journal: PathBuf) -> Error {
    let found = "trials without search.json".to_owned();
    Error::Checkpoint { path: journal, found, expected: "the description of their search beside them".to_owned() }
}

/// Parses the description of a search; `path` is for error messages.
pub(crate) fn parse_description(json: &[u8], path: &Path) -> Result<Search> {
    serde_json::from_slice(json).map_err(|error| Error::Checkpoint {
        path: path.to_owned(),
        found: error.to_string(),
        expected: "the description of a search".to_owned(),
    })
}

/// A file to which whole lines are added.
#[derive(Debug)]
struct Lines {
    file: DiskFile,
    whole_bytes: u64,
}

impl Lines {
    /// Opens a file, and cuts off an incomplete last line.
    fn open(path: &Path) -> Result<Self> {
        must_be_file(path)?;
        let file = DiskFile::append_to(path).map_err(Error::io("open", path))?;
        flush_folder_of(path);
        let whole_bytes = whole(&read(path)?).len() as u64;
        file.cut(whole_bytes).map_err(Error::io("write", path))?;
        Ok(Self { file, whole_bytes })
    }

    /// Adds a line, after cutting off what is left of one that could not be added.
    fn add(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.cut(self.whole_bytes)?;
        self.file.write(line)?;
        self.file.flush()?;
        self.whole_bytes += line.len() as u64;
        Ok(())
    }
}
