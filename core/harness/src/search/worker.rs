//! Who works on a share of a search.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process;

use serde::{Deserialize, Serialize};

use super::Shard;
use super::journal::trials_of;
use ch11_core::Result;
use ch11_core::disk::persist;

/// The process that works on a share of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// The machine that it runs on.
    pub host: String,
    /// What tells it from other machines of that name: each start of Linux has an identifier of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boot: Option<String>,
    /// Where its number holds: a container may number its processes itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process_namespace: Option<String>,
    /// Its number on that machine.
    pub process: u32,
    /// How many fits it runs at once.
    pub threads: usize,
}

/// Tells others of a worker until it is dropped.
#[derive(Debug)]
pub struct Announced(PathBuf);

impl Worker {
    /// Says in a search's folder that this process works on a share; it holds the lock of the share's journal.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn announce(folder: &Path, shard: Option<Shard>, threads: usize) -> Result<Announced> {
        let path = path_of(folder, shard.unwrap_or(Shard::ONLY));
        persist(&path, &serde_json::to_vec(&Self::own(threads)).unwrap_or_default())?;
        Ok(Announced(path))
    }

    fn own(threads: usize) -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned());
        let namespace = fs::read_link("/proc/self/ns/pid").ok();
        let process_namespace = namespace.map(|path| path.to_string_lossy().into_owned());
        Self { host: this_host(), boot, process_namespace, process: process::id(), threads }
    }

    /// Returns who has last said to work on a share, unless that has ended in good order.
    pub(super) fn of(folder: &Path, shard: Shard) -> Option<Self> {
        serde_json::from_slice(&fs::read(path_of(folder, shard)).ok()?).ok()
    }

    /// Returns whether the process still holds the lock of the share's journal, if that can be seen from here: on
    /// its machine, and in its container. No lock is tried: a process that keeps a lock's file open holds it.
    pub(super) fn is_alive(&self, folder: &Path, shard: Shard) -> Option<bool> {
        let here = Self { process: self.process, ..Self::own(self.threads) };
        if *self != here {
            return None;
        }
        has_open(self.process, &trials_of(folder, shard).with_extension("jsonl.lock"))
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Like locks, it does not count as something that the folder holds.
fn path_of(folder: &Path, shard: Shard) -> PathBuf {
    trials_of(folder, shard).with_extension("worker.lock")
}

fn this_host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| env::var("HOSTNAME").ok()).or_else(|| env::var("COMPUTERNAME").ok());
    name.map_or("unknown".to_owned(), |name| name.trim().to_owned())
}

/// Returns whether a process of this machine has a file open, if the system tells
/// ([proc_pid_fd(5)](https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html)).
#[cfg(unix)]
fn has_open(process: u32, file: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;

    let identity = |path: &Path| fs::metadata(path).ok().map(|it| (it.dev(), it.ino()));
    let wanted = identity(file)?;
    match fs::read_dir(format!("/proc/{process}/fd")) {
        Ok(open) => Some(open.flatten().any(|it| identity(&it.path()) == Some(wanted))),
        Err(error) if error.kind() == ErrorKind::NotFound && Path::new("/proc/self/fd").exists() => Some(false),
        Err(_) => None,
    }
}

#[cfg(not(unix))]
fn has_open(_: u32, _: &Path) -> Option<bool> {
    None
}
