//! Folders that only one process changes at a time.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Lock, MovedAside, make_folder, must_be_folder};
use crate::Result;

/// The right to write in a folder, for this process alone or together with others that share it.
#[derive(Debug)]
pub struct LockedFolder {
    path: PathBuf,
    _lock: Lock,
}

impl LockedFolder {
    /// Locks the folder `path`, which need not exist yet, for this process alone.
    ///
    /// # Errors
    /// If the folder around it cannot be created, something else is in its place, or another process has locked it.
    pub fn exclusive(path: &Path) -> Result<Self> {
        Self::take(path, Lock::exclusive)
    }

    /// Locks the folder together with other processes that share it.
    ///
    /// # Errors
    /// If the folder around it cannot be created, something else is in its place, or another process has locked it for
    /// itself.
    pub fn shared(path: &Path) -> Result<Self> {
        Self::take(path, Lock::shared)
    }

    fn take(path: &Path, lock: impl Fn(&Path) -> Result<Lock>) -> Result<Self> {
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        must_be_folder(path)?;
        Ok(Self { path: path.to_owned(), _lock: lock(path)? })
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the folder aside if there is any file in it or in a folder below it, unless `goes_on`. Locks, temporary
    /// files, and files with the names in `worthless` do not count. Returns the folder's new path.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub fn make_room(&self, goes_on: bool, worthless: &[&str], moved: &mut MovedAside) -> Result<Option<PathBuf>> {
        let is_free = goes_on || !holds_files(&self.path, worthless);
        if is_free { Ok(None) } else { moved.folder(&self.path).map(Some) }
    }
}

fn holds_files(folder: &Path, worthless: &[&str]) -> bool {
    let counts = |path: &Path| {
        !path.extension().is_some_and(|it| it == "tmp" || it == "lock")
            && !worthless.iter().any(|it| path.ends_with(it))
    };
    let is_file = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => holds_files(&entry.path(), worthless),
        _ => counts(&entry.path()),
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(is_file)))
}
