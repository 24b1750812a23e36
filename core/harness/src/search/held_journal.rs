//! Locking a search's folder, before anything in it is touched, and opening its journal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::journal::{description, must_be, without_description};
use super::records::trial_files;
use super::{Journal, Search, Shard};
use crate::Result;
use ch11_core::disk::{LockedFolder, MovedAside, clear_leftovers};

/// What a [`Journal`]'s folder held when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Nothing: the search starts afresh.
    Empty,
    /// Trials of this search.
    Resuming {
        /// Their number.
        trials: usize,
    },
    /// Another search, or trials without a description of their search; it was moved to this folder.
    SetAside(PathBuf),
}

/// The right to work on a search in its folder: on the whole of it, which one process has at a time, or on a share.
#[derive(Debug)]
pub(crate) struct HeldJournal {
    folder: LockedFolder,
    /// The share, unless it is the whole.
    shard: Option<Shard>,
}

impl HeldJournal {
    /// Locks the folder `path`, which need not exist yet.
    pub(crate) fn take(path: &Path, shard: Option<Shard>) -> Result<Self> {
        let folder = if shard.is_none() { LockedFolder::exclusive(path)? } else { LockedFolder::shared(path)? };
        Ok(Self { folder, shard })
    }

    /// Moves aside what the folder holds, unless this is a share of a search, or `resume` is set and the folder says
    /// which search it holds. Returns where it went.
    ///
    /// # Errors
    /// If what stays belongs to another search, or the folder cannot be moved.
    pub(crate) fn make_room(&self, search: &Search, resume: bool, moved: &mut MovedAside) -> Result<Option<PathBuf>> {
        let description = description(self.folder.path());
        let goes_on = self.shard.is_some() || (resume && description.exists());
        let previous = self.folder.make_room(goes_on, &[], moved)?;
        if previous.is_some() {
            return Ok(previous);
        }
        // The description comes before trials, and is looked for after them: other shards may write both now.
        let trials = trial_files(self.folder.path())?.into_iter().next();
        if description.exists() {
            must_be(search, &description)?;
        } else if let Some(trials) = trials {
            return Err(without_description(trials).into());
        }
        Ok(None)
    }

    /// Opens the journal as [`Journal::open`] does.
    pub(crate) fn open(self, search: &Search, resume: bool) -> Result<(Journal, Opened)> {
        let mut moved = MovedAside::default();
        let previous = self.make_room(search, resume, &mut moved)?;
        if self.shard.is_none() {
            clear_leftovers(self.folder.path(), Duration::ZERO);
        }
        let journal = Journal::open_held(self.folder, search, self.shard)?;
        moved.keep();
        let opened = match (previous, journal.len()) {
            (Some(previous), _) => Opened::SetAside(previous),
            (None, 0) => Opened::Empty,
            (None, trials) => Opened::Resuming { trials },
        };
        Ok((journal, opened))
    }
}

impl Journal {
    /// Opens the journal of `search` in the folder `path`, for the trials of `shard` or for all.
    ///
    /// Without `resume`, a whole search starts from scratch and moves aside what the folder holds. A shard, also 1/1,
    /// always continues what is there, since other shards may have written it.
    ///
    /// # Errors
    /// If the folder cannot be used, another process works on the same trials, or what is there belongs to another
    /// search or is damaged.
    pub fn open(path: &Path, search: &Search, shard: Option<Shard>, resume: bool) -> Result<(Self, Opened)> {
        HeldJournal::take(path, shard)?.open(search, resume)
    }
}
