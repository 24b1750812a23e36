//! Locks of files and folders.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::obstacle::must_be_file;
use super::with_suffix;
use crate::{Error, Result};

/// How often to try a lock again that another process holds.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Keeps other processes away from a file or a folder until it is dropped, by a lock on a file beside it, of the same
/// name and `.lock`. The system releases the lock when the process ends in any way.
///
/// Some network file systems have no locks; no process is kept away there.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Locks `path` for this process alone.
    pub fn exclusive(path: &Path) -> Result<Self> {
        Self::take(path, File::try_lock)
    }

    /// Locks `path` together with other processes that share it.
    pub fn shared(path: &Path) -> Result<Self> {
        Self::take(path, File::try_lock_shared)
    }

    /// Locks `path` for this process alone, and waits up to `patience` until others have released it: a server may
    /// learn late that a machine that held a lock has died.
    pub fn within(path: &Path, patience: Duration) -> Result<Self> {
        let started = Instant::now();
        loop {
            match Self::exclusive(path) {
                Err(Error::FolderInUse { .. }) if started.elapsed() < patience => sleep(BETWEEN_TRIES),
                taken => return taken,
            }
        }
    }

    /// Fails if another process holds the lock of `path`. Creates no file to find that out.
    pub fn must_be_free(path: &Path) -> Result<()> {
        if lock_path(path).exists() { Self::exclusive(path).map(drop) } else { Ok(()) }
    }

    fn take(path: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>) -> Result<Self> {
        let lock_path = lock_path(path);
        // On NFS, a shared lock needs a file that can be read, and an exclusive one a file that can be written.
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&lock_path);
        let file = file.or_else(|cause| must_be_file(&lock_path).and(Err(Error::io("create", &lock_path)(cause))))?;
        match lock(&file) {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::FolderInUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(Self(file)),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &lock_path)(error)),
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    with_suffix(path, ".lock")
}

/// Returns whether a file system has no locks at all: it lacks the call, or its server keeps none.
fn has_no_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ENOLCK) {
        return true;
    }
    error.kind() == io::ErrorKind::Unsupported
}
