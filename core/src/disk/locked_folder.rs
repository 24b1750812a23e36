//! Folders that no two processes change at once.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Lock, MovedAside, make_folder, must_be_folder};
use crate::Result;

/// The right to write in a folder, for this process alone or together with others that share it. The lock is on a file beside the folder,
/// of the same name and `.lock`.
#[derive(Debug)]
pub struct LockedFolder {
    path: PathBuf,
    _lock: Lock,
}

impl LockedFolder {
    /// Locks the folder `path`, which need not be there yet, for this process alone.
    ///
    /// # Errors
    /// If the folder around it cannot be made, something else is in its place, or another process has locked this one.
    pub fn exclusive(path: &Path) -> Result<Self> {
        Self::take(path, Lock::exclusive)
    }

    /// Locks it together with other processes that share it.
    ///
    /// # Errors
    /// If the folder around it cannot be made, something else is in its place, or another process has locked this one for itself.
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

    /// Moves the folder aside if there is any file in it or in a folder below it, unless `goes_on`. Locks, leftovers of files that were
    /// being written, and files of the names in `worthless` count as none. Returns where it went.
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
