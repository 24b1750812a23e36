//! Folders that no two processes use at once.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{flush_folder_of, rename};
use crate::{Error, Result};

/// Keeps other processes away from a file or a folder as long as what it returns is held, by a lock on a file beside it. The system
/// lets go of the lock when the process ends, however it does.
pub(crate) fn lock(path: &Path) -> Result<File> {
    held(path, File::try_lock)
}

/// The same, among processes that share the folder.
pub(crate) fn lock_shared(path: &Path) -> Result<File> {
    held(path, File::try_lock_shared)
}

/// The same, after waiting for another process to let go.
pub(crate) fn wait_for_lock(path: &Path) -> Result<File> {
    held(path, |file| file.lock().map_err(TryLockError::Error))
}

fn held(path: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>) -> Result<File> {
    let lock_path = with_suffix(path, ".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(Error::io("create", &lock_path))?;
    match lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::FolderInUse { path: path.to_owned() }),
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", &lock_path)(error)),
    }
}

/// Moves a folder to the first free name of `.previous-1`, `.previous-2` and so on.
pub(crate) fn set_aside(folder: &Path) -> Result<PathBuf> {
    let names = (1_usize..).map(|number| with_suffix(folder, &format!(".previous-{number}")));
    let free = names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| with_suffix(folder, ".previous"));
    rename(folder, &free).map_err(Error::io("rename", folder))?;
    flush_folder_of(&free);
    Ok(free)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
