//! The folders that a command holds until it trains in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use ch11_core::Error;
use ch11_core::train::HeldFolder;

use crate::search::{HeldJournal, Shard};

/// What a command holds until it trains there.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub folders: BTreeMap<PathBuf, HeldFolder>,
    pub journal: Option<HeldJournal>,
    /// Whether something earlier was moved aside: what comes of this command is then not what came of that.
    pub starts_afresh: bool,
}

impl Held {
    /// Returns the folder of a fit, which may be held already.
    pub(super) fn take_folder(&mut self, path: &Path) -> ch11_core::Result<HeldFolder> {
        self.folders.remove(path).map_or_else(|| HeldFolder::take(path), Ok)
    }

    /// Returns the folder of a search, which may be held already.
    pub(super) fn take_journal(&mut self, path: &Path, shard: Option<Shard>) -> crate::Result<HeldJournal> {
        self.journal.take().map_or_else(|| HeldJournal::take(path, shard), Ok)
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
        Err(crate::Error::Core(error @ Error::FolderInUse { .. })) => {
            Err(error).context("cannot begin; for a search of its own, name another run folder with --out")
        }
        Err(crate::Error::Core(error @ (Error::InTheWay { .. } | Error::Io { .. }))) => usable(Err(error), "--out"),
        result @ Err(crate::Error::Journal { .. }) => result.context("cannot use the search's journal"),
        result => result.context(
            "cannot use the search's folder; go on with --resume as it was begun, or name another folder with --out",
        ),
    }
}
