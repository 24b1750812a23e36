//! Temporary files and folders that the next process removes if the one that made them was killed.
//!
//! A process holds a lock on each as long as it is in use; what no process holds is left over.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{TempDir, TempPath};

/// The end of the name of a lock file. It is locked as long as the folder beside it, whose name lacks this end, is in
/// use.
const IN_USE: &str = ".lock";

/// A temporary folder, and the lock that marks it as in use.
#[derive(Debug)]
pub(super) struct Folder {
    // In this order: the lock is released last.
    folder: TempDir,
    _in_use: (File, TempPath),
}

impl Folder {
    /// Makes one in `place`, and removes those whose names also begin with `start` and whose processes are gone.
    pub(super) fn new(place: &Path, start: &str) -> io::Result<Self> {
        for lock in named(place, start, IN_USE) {
            remove_if_left_over(&lock, || {
                let _ = fs::remove_dir_all(lock.with_extension(""));
            });
        }
        let in_use = held_file(place, start, IN_USE)?;
        let name = in_use.1.with_extension("").file_name().unwrap_or_default().to_owned();
        let folder = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempdir_in(place)?;
        Ok(Self { folder, _in_use: in_use })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Makes a locked file, which is removed when its path is dropped.
pub(super) fn held_file(folder: &Path, start: &str, end: &str) -> io::Result<(File, TempPath)> {
    loop {
        let (file, path) = tempfile::Builder::new().prefix(start).suffix(end).tempfile_in(folder)?.into_parts();
        // On a file system without locks, nothing is known to be left over, and nothing is removed.
        let _ = file.lock();
        // Another process may have removed it as left over before it was locked.
        if path.exists() {
            return Ok((file, path));
        }
    }
}

/// Removes the files whose names begin and end so and that no process holds.
pub(super) fn remove_files(folder: &Path, start: &str, end: &str) {
    named(folder, start, end).iter().for_each(|file| remove_if_left_over(file, || ()));
}

/// Removes a file if no process holds it; before that, calls `remove_more`.
fn remove_if_left_over(file: &Path, remove_more: impl FnOnce()) {
    let Ok(lock) = File::options().read(true).write(true).open(file) else { return };
    if lock.try_lock().is_ok() {
        remove_more();
        let _ = fs::remove_file(file);
    }
}

fn named(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let is_meant = |name: &str| name.starts_with(start) && name.ends_with(end);
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter(|entry| entry.file_name().to_str().is_some_and(is_meant)).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_uses_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for name in ["mine-left", "mine-strange", "another"] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("digits"), "half").unwrap();
        }
        // A killed process leaves its lock, and nobody holds it.
        for name in ["mine-left.lock", "mine-begun.lock", "another.lock"] {
            fs::write(at(name), "").unwrap();
        }
        let first = Folder::new(place.path(), "mine-").unwrap();
        let second = Folder::new(place.path(), "mine-").unwrap();
        assert!(first.path().is_dir() && second.path().is_dir());
        assert!(!at("mine-left").exists() && !at("mine-left.lock").exists() && !at("mine-begun.lock").exists());
        assert!(at("mine-strange").exists() && at("another").exists() && at("another.lock").exists());
        drop((first, second));
        assert_eq!(named(place.path(), "mine-", ""), [at("mine-strange")]);

        let held = held_file(place.path(), "digits", ".part").unwrap();
        fs::write(at("digits-left.part"), "half").unwrap();
        remove_files(place.path(), "digits", ".part");
        assert!(held.1.exists() && !at("digits-left.part").exists());
        drop(held);
        assert!(named(place.path(), "digits", "").is_empty());
    }
}
