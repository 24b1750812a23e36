//! Replacing a file whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use crate::disk::{DiskFile, flush_folder_of};
use crate::{Error, Result};

/// Replaces the file at `path` by `contents`, so that whatever happens it holds either the old contents or the new.
///
/// The contents go to a temporary file beside it, are flushed to disk, and then take its name.
///
/// # Errors
/// If the folder cannot be written or the disk is full; the file at `path` is then as it was.
pub fn persist(path: &Path, contents: &[u8]) -> Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = Path::new(&temporary);
    let written = write_through(temporary, contents).and_then(|file| file.rename(path));
    if written.is_err() {
        let _ = fs::remove_file(temporary);
    }
    written.map_err(Error::io("write", path))?;
    flush_folder_of(path);
    Ok(())
}

fn write_through(path: &Path, contents: &[u8]) -> io::Result<DiskFile> {
    let mut file = DiskFile::create(path)?;
    file.write(contents)?;
    file.flush()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        persist(&path, b"old").unwrap();
        persist(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn keeps_the_old_file_if_the_new_one_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        persist(&path, b"old").unwrap();
        fs::create_dir(folder.path().join("file.tmp")).unwrap();
        let error = persist(&path, b"new").unwrap_err().to_string();
        assert!(error.contains("file: cannot write"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
