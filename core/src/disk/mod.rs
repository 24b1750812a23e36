//! The calls that change files and folders. Everything that must survive a crash goes through them, so that tests can
//! make each call fail.

mod aside;
#[cfg(any(test, feature = "faulty-disk"))]
#[doc(hidden)]
pub mod faults;
mod lock;
mod locked_folder;
mod obstacle;
mod persist;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

pub use aside::MovedAside;
pub use lock::Lock;
pub use locked_folder::LockedFolder;
pub use obstacle::{must_be_file, must_be_folder, obstacle};
pub use persist::{clear_leftovers, persist, persist_all};

use crate::{Error, Result};

/// A file that is written and flushed in steps.
#[derive(Debug)]
pub struct DiskFile {
    file: File,
    path: PathBuf,
}

impl DiskFile {
    /// Creates a file, or empties an existing one.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::open(path, true, File::options().create(true).write(true).truncate(true))
    }

    /// Opens a file to append to, or creates it.
    pub fn append_to(path: &Path) -> io::Result<Self> {
        Self::open(path, false, File::options().create(true).write(true))
    }

    /// Creates a file that does not exist yet.
    pub fn create_new(path: &Path) -> io::Result<Self> {
        Self::open(path, true, File::options().create_new(true).write(true))
    }

    fn open(
        path: &Path,
        #[cfg_attr(not(any(test, feature = "faulty-disk")), expect(unused))] empty: bool,
        options: &OpenOptions,
    ) -> io::Result<Self> {
        #[cfg(any(test, feature = "faulty-disk"))]
        faults::before(faults::Call::Open { path, truncate: empty })?;
        Ok(Self { file: options.open(path)?, path: path.to_owned() })
    }

    /// Writes at the end of the file. If this fails, a part may have been written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        #[cfg(any(test, feature = "faulty-disk"))]
        faults::before(faults::Call::Write { file: &mut self.file, path: &self.path, bytes })?;
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)
    }

    /// Flushes the file to disk.
    pub fn flush(&self) -> io::Result<()> {
        #[cfg(any(test, feature = "faulty-disk"))]
        if faults::before(faults::Call::Flush { path: &self.path })?.is_simulated() {
            return Ok(());
        }
        self.file.sync_all()
    }

    /// Cuts off everything after the first `length` bytes.
    pub fn cut(&self, length: u64) -> io::Result<()> {
        #[cfg(any(test, feature = "faulty-disk"))]
        faults::before(faults::Call::Cut { path: &self.path, length })?;
        self.file.set_len(length)
    }

    /// Renames the file, and replaces any other of that name.
    pub fn rename(self, to: &Path) -> io::Result<()> {
        rename(&self.path, to)
    }
}

/// Renames a file or a folder.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(test, feature = "faulty-disk"))]
    faults::before_rename(from).and_then(|()| faults::before(faults::Call::Rename { from, to }))?;
    fs::rename(from, to)
}

/// Creates a folder, and those around it, unless they exist.
pub fn make_folder(path: &Path) -> Result<()> {
    #[cfg(any(test, feature = "faulty-disk"))]
    faults::before(faults::Call::MakeFolder).map_err(Error::io("create", path))?;
    let missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::create_dir_all(path).or_else(|cause| must_be_folder(path).and(Err(Error::io("create", path)(cause))))?;
    missing.into_iter().for_each(flush_folder_of);
    Ok(())
}

/// Removes a folder and its contents.
fn remove_folder(path: &Path) -> io::Result<()> {
    #[cfg(any(test, feature = "faulty-disk"))]
    faults::before(faults::Call::RemoveFolder)?;
    fs::remove_dir_all(path)
}

/// Makes a name survive a power cut by flushing its folder, if the file system can do that.
pub fn flush_folder_of(path: &Path) {
    let folder = folder_of(path);
    #[cfg(any(test, feature = "faulty-disk"))]
    if faults::before(faults::Call::FlushFolder { folder }).is_ok_and(faults::Outcome::is_simulated) {
        return;
    }
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Returns the folder that contains a path.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads a file of at most `most` bytes. Of a longer one, only one byte more is read.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    if bytes.len() as u64 > most {
        return Err(Error::checkpoint(path, format!("more than {most} bytes"), "a file of at most as many"));
    }
    Ok(bytes)
}

/// Checks that files can be created in a folder or, if it does not exist yet, in the nearest folder around it that
/// does.
pub fn must_be_writable(folder: &Path) -> Result<()> {
    must_be_folder(folder)?;
    let there = folder.ancestors().find(|folder| folder.exists()).filter(|folder| !folder.as_os_str().is_empty());
    let there = there.unwrap_or(Path::new("."));
    let action = if folder.exists() { "write in" } else { "create" };
    tempfile::tempfile_in(there).map(drop).map_err(Error::io(action, folder))
}

/// Appends to the name of a file or a folder, ignoring a slash at its end.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.components().collect::<PathBuf>().into_os_string();
    name.push(suffix);
    name.into()
}
