//! A simulated disk that fails or loses power at a given call. Each thread has its own.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A call that is about to be made.
pub(super) enum Call<'a> {
    Open { path: &'a Path, truncate: bool },
    Write { file: &'a mut File, path: &'a Path, bytes: &'a [u8] },
    Flush { path: &'a Path },
    Cut { path: &'a Path, length: u64 },
    Rename { from: &'a Path, to: &'a Path },
    MakeFolder,
    RemoveFolder,
    FlushFolder { folder: &'a Path },
}

/// Whether the disk is simulated, so that flushing it is unnecessary.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Real,
    Simulated,
}

impl Outcome {
    pub(super) fn is_simulated(self) -> bool {
        matches!(self, Self::Simulated)
    }
}

/// What happens at the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, a write half-way; later calls succeed.
    Once,
    /// It fails, and so do all after it.
    FromThenOn,
    /// The disk is full: this write and all after it fail half-way.
    Full,
    /// The power fails. Files keep what was flushed and half of the rest; all names are kept.
    PowerCut,
    /// The power fails. Files keep what was flushed; names given since their folder was flushed are lost.
    PowerCutThatLosesNames,
}

pub const FAULTS: [Fault; 5] =
    [Fault::Once, Fault::FromThenOn, Fault::Full, Fault::PowerCut, Fault::PowerCutThatLosesNames];

thread_local! {
    static DISK: RefCell<Option<Disk>> = const { RefCell::new(None) };
    static OVERLAY: Cell<bool> = const { Cell::new(false) };
}

/// Calls `run` where folders that existed before cannot be renamed, as in an overlay.
pub fn on_an_overlay<T>(run: impl FnOnce() -> T) -> T {
    OVERLAY.set(true);
    let made = run();
    OVERLAY.set(false);
    made
}

/// Fails for a folder that cannot be renamed; one that the test itself has created or moved can.
pub(super) fn before_rename(from: &Path) -> io::Result<()> {
    let name = from.to_string_lossy();
    let is_new = name.contains(".previous-");
    if OVERLAY.get() && from.is_dir() && !is_new { Err(io::ErrorKind::CrossesDevices.into()) } else { Ok(()) }
}

struct Disk {
    fault: Fault,
    at: usize,
    calls: usize,
    /// How many bytes of a file are flushed, where it is not all.
    flushed_bytes: BTreeMap<PathBuf, u64>,
    /// Names given since their folder was last flushed.
    names: Vec<Name>,
}

enum Name {
    New(PathBuf),
    Renamed { from: PathBuf, to: PathBuf, replaced: Option<Vec<u8>> },
}

impl Name {
    fn path(&self) -> &Path {
        match self {
            Self::New(path) | Self::Renamed { to: path, .. } => path,
        }
    }
}

/// Calls `run` on a disk with a fault at call number `at`, from 0; returns its result and the number of calls.
pub fn with_fault<T>(fault: Fault, at: usize, run: impl FnOnce() -> T) -> (T, usize) {
    let disk = Disk { fault, at, calls: 0, flushed_bytes: BTreeMap::new(), names: Vec::new() };
    DISK.with_borrow_mut(|current| assert!(current.replace(disk).is_none(), "one fault at a time"));
    let made = run();
    let disk = DISK.with_borrow_mut(Option::take).unwrap();
    (made, disk.calls)
}

/// Calls `run` on a simulated disk, for which nothing waits.
pub fn without_fault<T>(run: impl FnOnce() -> T) -> T {
    with_fault(Fault::Once, usize::MAX, run).0
}

/// Calls `run` on disks that fail at the first call, at the second, and so on, until the call is not reached. `run`
/// gets an empty folder, and `check` gets the folder and the result. Returns the number of calls.
pub fn at_every_call<T>(
    fault: Fault,
    prepare: impl Fn(&Path),
    run: impl Fn(&Path) -> T,
    check: impl Fn(&Path, T, &str),
) -> usize {
    for at in 0.. {
        let place = tempfile::tempdir().unwrap();
        prepare(place.path());
        let (made, calls) = with_fault(fault, at, || run(place.path()));
        check(place.path(), made, &format!("{fault:?} at call {at}"));
        if calls <= at {
            return calls;
        }
    }
    unreachable!("there are not so many calls")
}

/// Fails if a fault is reported as anything else. (After a power failure, nothing is reported.)
#[track_caller]
pub fn assert_tells<T>(fault: Fault, result: &Result<T>, what: &str) {
    match (fault, result) {
        (Fault::Once | Fault::FromThenOn, Err(error)) => {
            assert!(
                matches!(error, Error::Io { .. }) && error.to_string().contains("fault at call"),
                "{what}: {error}"
            );
        }
        (Fault::Full, Err(error)) => {
            let says_so = matches!(error, Error::Io { cause, .. } if cause.kind() == io::ErrorKind::StorageFull);
            assert!(says_so, "{what}: {error}");
        }
        _ => {}
    }
}

/// Counts a call, and makes it fail if it is the one.
pub(super) fn before(call: Call<'_>) -> io::Result<Outcome> {
    DISK.with_borrow_mut(|disk| match disk {
        None => Ok(Outcome::Real),
        Some(disk) => disk.before(call).map(|()| Outcome::Simulated),
    })
}

impl Disk {
    fn before(&mut self, call: Call<'_>) -> io::Result<()> {
        let number = self.calls;
        self.calls += 1;
        let needs_room = matches!(call, Call::Write { .. });
        let failing = match self.fault {
            Fault::Once => number == self.at,
            Fault::Full => number >= self.at && needs_room,
            _ => number >= self.at,
        };
        if !failing {
            self.note(call);
            return Ok(());
        }
        if number == self.at || self.fault == Fault::Full {
            if let Call::Write { file, path, bytes } = call {
                self.unflushed(path);
                file.seek(SeekFrom::End(0))?;
                file.write_all(&bytes[..bytes.len() / 2])?;
            }
            if matches!(self.fault, Fault::PowerCut | Fault::PowerCutThatLosesNames) {
                self.lose_power()?;
            }
        }
        match self.fault {
            Fault::Full => Err(io::ErrorKind::StorageFull.into()),
            _ => Err(io::Error::other(format!("fault at call {}", self.at))),
        }
    }

    /// Keeps track of what is not flushed yet.
    fn note(&mut self, call: Call<'_>) {
        match call {
            Call::Open { path, truncate } => {
                if !path.exists() {
                    self.names.push(Name::New(path.to_owned()));
                }
                if truncate {
                    self.flushed_bytes.insert(path.to_owned(), 0);
                }
            }
            Call::Write { path, .. } => self.unflushed(path),
            Call::Cut { path, length } => {
                self.flushed_bytes.entry(path.to_owned()).and_modify(|bytes| *bytes = length.min(*bytes));
            }
            Call::Flush { path } => drop(self.flushed_bytes.remove(path)),
            Call::Rename { from, to } => {
                if let Some(bytes) = self.flushed_bytes.remove(from) {
                    self.flushed_bytes.insert(to.to_owned(), bytes);
                }
                self.names.retain(|name| name.path() != from);
                let replaced = fs::read(to).ok();
                self.names.push(Name::Renamed { from: from.to_owned(), to: to.to_owned(), replaced });
            }
            Call::FlushFolder { folder } => self.names.retain(|name| name.path().parent() != Some(folder)),
            Call::MakeFolder | Call::RemoveFolder => {}
        }
    }

    fn unflushed(&mut self, path: &Path) {
        let flushed = fs::metadata(path).map_or(0, |file| file.len());
        self.flushed_bytes.entry(path.to_owned()).or_insert(flushed);
    }

    fn lose_power(&mut self) -> io::Result<()> {
        let lose_names = self.fault == Fault::PowerCutThatLosesNames;
        for (path, flushed) in &self.flushed_bytes {
            let file = File::options().write(true).open(path)?;
            let length = file.metadata()?.len();
            let rest = if lose_names { 0 } else { length.saturating_sub(*flushed) / 2 };
            file.set_len(flushed + rest)?;
        }
        while let Some(name) = self.names.pop().filter(|_| lose_names) {
            match name {
                Name::New(path) => fs::remove_file(path)?,
                Name::Renamed { from, to, replaced } => {
                    fs::rename(&to, from)?;
                    replaced.map_or(Ok(()), |bytes| fs::write(to, bytes))?;
                }
            }
        }
        Ok(())
    }
}
