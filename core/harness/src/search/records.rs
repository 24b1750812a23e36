//! The finished trials of a search, as its journals hold them.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::{FoldCount, Processor, Record, Search, Trial};
use ch11_core::disk::{self, must_be_file};
use ch11_core::{Error, Result};

/// The longest file of a journal that is read; a trial takes about 200 bytes.
const LONGEST_BYTES: u64 = 1 << 28;

/// The finished trials of a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records(BTreeMap<Trial, Record>);

impl Records {
    /// Reads the journals of all processes in a folder; locks nothing and writes nothing.
    ///
    /// # Errors
    /// If a file cannot be read, or holds a line that is not a trial of this search.
    pub fn read(folder: &Path, search: &Search) -> crate::Result<Self> {
        let mut records = BTreeMap::new();
        for path in trial_files(folder)? {
            for record in parse(&read(&path)?, &path, search)? {
                records.entry(record.trial).or_insert(record);
            }
        }
        Ok(Self(records))
    }

    /// Adds a trial that has ended.
    pub(super) fn add(&mut self, record: Record) {
        self.0.insert(record.trial, record);
    }

    /// Returns the record of a trial, if it has finished.
    pub fn get(&self, trial: &Trial) -> Option<&Record> {
        self.0.get(trial)
    }

    /// Returns all records, in the order of their trials.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.0.values()
    }

    /// Returns the records of a candidate's trials on all folds, if all of them have finished.
    pub(super) fn all_folds(&self, candidate: usize, epochs: NonZeroUsize, folds: FoldCount) -> Option<Vec<Record>> {
        (0..folds.get()).map(|fold| self.get(&Trial { epochs, candidate, fold }).copied()).collect()
    }

    /// Returns how many trials each kind of processors has run, of those that are known.
    pub fn processors(&self) -> BTreeMap<Processor, usize> {
        let mut counts = BTreeMap::new();
        for processor in self.iter().filter_map(|record| record.processor) {
            *counts.entry(processor).or_insert(0) += 1;
        }
        counts
    }

    /// Says so if the trials are from processors whose results may differ in the last bits.
    pub fn mixture(&self) -> Option<String> {
        let counts = self.processors();
        let each: Vec<String> = counts.iter().map(|(processor, count)| format!("{count} on {processor}")).collect();
        (counts.len() > 1).then(|| {
            format!(
                "The processors of these fits round differently, so another run may differ in the last bits: {}.",
                each.join(", ")
            )
        })
    }

    /// Returns the number of finished trials.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether no trial has finished yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Lists the files of trials in a folder, sorted by name; none if there is no such folder.
pub(super) fn trial_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    Ok(files)
}

/// Reads a file of a search. What is no file, such as a pipe, could keep its reader waiting for ever.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    must_be_file(path)?;
    disk::read(path, LONGEST_BYTES)
}

/// Returns the lines without an incomplete last one.
pub(super) fn whole(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    &bytes[..length]
}

/// Parses the trials in the contents of a file, without an incomplete last line; `path` is for error messages.
pub(crate) fn parse(bytes: &[u8], path: &Path, search: &Search) -> crate::Result<Vec<Record>> {
    let fault = |line, found: String| crate::Error::Journal { path: path.to_owned(), line, found };
    let (rungs, candidates) = (search.rungs(), search.candidates().len());
    let lines = whole(bytes).split_inclusive(|&byte| byte == b'\n').enumerate();
    lines
        .map(|(index, line)| {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let record: Record = serde_json::from_slice(line).map_err(|error| fault(index + 1, error.to_string()))?;
            let Trial { epochs, candidate, fold } = record.trial;
            if candidate >= candidates || fold >= search.folds.get() || !rungs.contains(&epochs) {
                return Err(fault(index + 1, format!("candidate {candidate}, fold {fold}, {epochs} epochs")));
            }
            Ok(record)
        })
        .collect()
}
