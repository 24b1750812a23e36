//! Making room for what a command is about to train.

use anyhow::bail;
use ch11_core::disk::{Lock, MovedAside, must_be_writable};
use ch11_core::train::HeldFolder;

use super::held::{Held, usable_search};
use super::{FitFolders, Session};
use crate::search::{HeldJournal, Search};

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
}

impl Session {
    /// Takes hold of all folders that a command is about to train in, and then moves what earlier runs left there aside, and the report of
    /// them: an interrupted command leaves none that `--resume` would mistake for its own. With `--resume`, what can be gone on with
    /// stays.
    ///
    /// # Errors
    /// If one of the folders is in use or cannot be used; all are then as they were.
    pub fn make_room(&self, fits: &[FitFolders<'_>], search: Option<PlannedSearch<'_>>) -> anyhow::Result<()> {
        let most_held = self.open_files_to_spare()?;
        let (mut held, mut moved, mut notices) = (Held::default(), MovedAside::default(), Vec::new());
        for fit in fits {
            fit.usable(must_be_writable(fit.folder()))?;
        }
        if let Some(PlannedSearch { name, .. }) = search {
            held.journal = Some(usable_search(HeldJournal::take(&self.folder_of(name), self.args.shard))?);
        }
        // Shards leave the report of the whole to whoever goes on with it.
        let report = (self.args.shard.is_none() && self.has_report()).then(|| self.lock_report()).transpose()?;
        for fit in fits {
            fit.seeds_and_folders().try_for_each(|(_, folder)| fit.usable(Lock::must_be_free(&folder)))?;
        }
        if let (Some(PlannedSearch { name, search, .. }), Some(journal)) = (search, &held.journal) {
            let previous = usable_search(journal.make_room(search, self.args.resume, &mut moved))?;
            notices.extend(previous.map(|previous| self.moved_search(name, &previous)));
        }
        for fit in fits {
            for (_, folder) in fit.seeds_and_folders() {
                if (held.folders.len() as u64) < most_held {
                    held.folders.insert(folder.clone(), fit.usable(HeldFolder::take(&folder))?);
                }
            }
        }
        for fit in fits {
            for (seed, folder) in fit.seeds_and_folders() {
                let previous = match held.folders.get(&folder) {
                    Some(held) => held.make_room(fit.resumes(), &mut moved),
                    None => HeldFolder::take(&folder).and_then(|held| held.make_room(fit.resumes(), &mut moved)),
                };
                notices.extend(fit.usable(previous)?.map(|previous| fit.moved(seed, &previous)));
            }
        }
        held.starts_afresh = !notices.is_empty();
        if report.is_some() && (held.starts_afresh || !self.args.resume) {
            self.move_report_aside(&mut moved)?;
        }
        moved.keep();
        notices.iter().for_each(|notice| self.notice(notice));
        *self.held() = held;
        Ok(())
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
