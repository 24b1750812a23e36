//! Making room for what a command is about to train.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use anyhow::{Context, anyhow, bail};

use super::{Session, Stage};
use crate::search::{HeldJournal, Search, Shard};
use ch11_core::Error;
use ch11_core::disk::{Lock, MovedAside, must_be_writable};
use ch11_core::train::HeldFolder;

/// How many folders a command holds from its beginning on, at most. It takes hold of any others when it trains in them.
const MOST_HELD: u64 = 64;
/// Open files that a program needs in any case, and those of each fit.
const OPEN_FILES: u64 = 32;
const OPEN_FILES_OF_A_FIT: u64 = 4;

/// A search that a command runs.
#[derive(Debug, Clone, Copy)]
pub struct PlannedSearch<'a> {
    /// The name of its folder in the run folder.
    pub name: &'a str,
    /// What is searched.
    pub search: &'a Search,
    /// The share of it that is run here.
    pub shard: Shard,
}

/// What a command holds until it trains there.
#[derive(Debug, Default)]
pub(super) struct Held {
    folders: BTreeMap<PathBuf, HeldFolder>,
    journal: Option<HeldJournal>,
    /// Whether something earlier was moved aside: what comes of this command is then not what came of that.
    starts_afresh: bool,
}

impl Session {
    /// Takes hold of all folders that a command is about to train in, and then moves what earlier runs left there aside, and the report of
    /// them: an interrupted command leaves none that `--resume` would mistake for its own. With `--resume`, what can be gone on with
    /// stays.
    ///
    /// # Errors
    /// If one of the folders is in use or cannot be used; all are then as they were.
    pub fn make_room(&self, stages: &[Stage<'_>], search: Option<PlannedSearch<'_>>) -> anyhow::Result<()> {
        let most_held = self.open_files_to_spare()?;
        let (mut held, mut moved, mut notices) = (Held::default(), MovedAside::default(), Vec::new());
        for stage in stages {
            stage.usable(must_be_writable(stage.folder()))?;
        }
        if let Some(PlannedSearch { name, shard, .. }) = search {
            held.journal = Some(usable_search(HeldJournal::take(&self.folder_of(name), shard))?);
        }
        // Shards leave the report of the whole to whoever goes on with it.
        let is_whole = search.is_none_or(|search| search.shard == Shard::WHOLE);
        let report = (is_whole && self.has_report()).then(|| self.lock_report()).transpose()?;
        for stage in stages {
            stage.folders().try_for_each(|folder| stage.usable(Lock::must_be_free(&folder)))?;
        }
        if let (Some(PlannedSearch { name, search, .. }), Some(journal)) = (search, &held.journal) {
            let previous = usable_search(journal.make_room(search, self.args.resume, &mut moved))?;
            notices.extend(previous.map(|previous| self.moved_search(name, &previous)));
        }
        for stage in stages {
            for folder in stage.folders() {
                if (held.folders.len() as u64) < most_held {
                    held.folders.insert(folder.clone(), stage.usable(HeldFolder::take(&folder))?);
                }
            }
        }
        for stage in stages {
            for (seed, folder) in stage.seeds_and_folders() {
                let previous = match held.folders.get(&folder) {
                    Some(held) => held.make_room(stage.resumes(), &mut moved),
                    None => HeldFolder::take(&folder).and_then(|held| held.make_room(stage.resumes(), &mut moved)),
                };
                notices.extend(stage.usable(previous)?.map(|previous| stage.moved(seed, &previous)));
            }
        }
        held.starts_afresh = !notices.is_empty();
        if report.is_some() && (held.starts_afresh || !self.args.resume) {
            self.move_report_aside(&mut moved)?;
        }
        moved.keep();
        notices.iter().for_each(|notice| self.notice(notice));
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
        Ok(())
    }

    /// Tells whether this command goes on with all that an earlier one has left.
    pub(super) fn goes_on(&self) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.args.resume && !held.starts_afresh
    }

    /// Returns the folder of a fit, which this command may hold already.
    pub(super) fn take_folder(&self, path: &Path) -> ch11_core::Result<HeldFolder> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).folders.remove(path);
        held.map_or_else(|| HeldFolder::take(path), Ok)
    }

    /// Returns the folder of a search, which this command may hold already.
    pub(super) fn take_journal(&self, path: &Path, shard: Shard) -> crate::Result<HeldJournal> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).journal.take();
        held.map_or_else(|| HeldJournal::take(path, shard), Ok)
    }

    /// Returns how many open files the system allows beyond what the fits need that run at once.
    fn open_files_to_spare(&self) -> anyhow::Result<u64> {
        let threads = self.threads.current_num_threads();
        let needed = OPEN_FILES + OPEN_FILES_OF_A_FIT * threads as u64;
        // Where there is no such limit, none is known.
        let allowed = rlimit::increase_nofile_limit(needed + MOST_HELD).unwrap_or(u64::MAX);
        if allowed < needed {
            bail!(
                "--threads {threads}: found a limit of {allowed} open files, expected {needed}; raise it (ulimit -n {needed}), or ask for fewer threads"
            );
        }
        Ok(MOST_HELD.min(allowed - needed))
    }
}

/// Says what to do about a folder that cannot be used; `flag` names another.
pub(super) fn usable<T>(result: ch11_core::Result<T>, flag: &str) -> anyhow::Result<T> {
    match result {
        Err(error @ Error::FolderInUse { .. }) => Err(anyhow!("{error}, or name another run folder with {flag}")),
        Err(error @ Error::InTheWay { .. }) => {
            Err(anyhow!("{error}; move it away, or name another run folder with {flag}"))
        }
        result => {
            result.with_context(|| format!("cannot use this folder; make it writable, or name another with {flag}"))
        }
    }
}

/// Says what to do about the folder of a search.
pub(super) fn usable_search<T>(result: crate::Result<T>) -> anyhow::Result<T> {
    match result {
        Err(crate::Error::Core(error @ (Error::FolderInUse { .. } | Error::InTheWay { .. } | Error::Io { .. }))) => {
            usable(Err(error), "--out")
        }
        result => result.context(
            "cannot use the search's folder; go on with --resume as it was begun, or name another folder with --out",
        ),
    }
}
