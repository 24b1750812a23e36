//! Moving files and folders aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{DiskFile, flush_folder_of, make_folder, remove_folder, rename, with_suffix};
use crate::{Error, Result};

/// Files and folders that were moved aside. They are moved back when this is dropped, unless they are to
/// [stay](Self::keep).
#[derive(Debug, Default)]
pub struct MovedAside(Vec<Move>);

#[derive(Debug)]
struct Move {
    from: PathBuf,
    to: PathBuf,
}

impl MovedAside {
    /// Renames a folder by appending `.previous-1`, or the next number that is free, and returns its new path.
    pub fn folder(&mut self, folder: &Path) -> Result<PathBuf> {
        let previous = |number: usize| with_suffix(folder, &format!(".previous-{number}"));
        let to = previous(first_free(|number| previous(number).exists()));
        move_folder(folder, &to).map_err(Error::io("move aside", folder))?;
        self.0.push(Move { from: folder.to_owned(), to: to.clone() });
        Ok(to)
    }

    /// Renames those of some files that exist, such as `report.html` to `report.previous-1.html`: all with the first
    /// number that is free for each.
    pub fn files(&mut self, paths: &[PathBuf]) -> Result<()> {
        let previous = |path: &Path, number: usize| {
            let extension = path.extension().unwrap_or_default().to_string_lossy();
            path.with_extension(format!("previous-{number}.{extension}"))
        };
        let number = first_free(|number| paths.iter().any(|path| previous(path, number).exists()));
        for from in paths.iter().filter(|path| path.exists()) {
            let to = previous(from, number);
            rename(from, &to).map_err(Error::io("move aside", from))?;
            self.0.push(Move { from: from.clone(), to });
        }
        Ok(())
    }

    /// Keeps everything under its new name.
    pub fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for MovedAside {
    fn drop(&mut self) {
        for Move { from, to } in self.0.drain(..).rev() {
            // What cannot be moved back still exists under its new name.
            let _ = if to.is_dir() { move_folder(&to, &from) } else { rename(&to, &from) };
        }
    }
}

fn first_free(taken: impl Fn(usize) -> bool) -> usize {
    (1..).find(|&number| !taken(number)).unwrap_or(usize::MAX)
}

/// Renames a folder. If the file system cannot do that, copies the folder to the new name and then removes it: an
/// overlay, for instance, cannot rename a folder of its lower layer.
fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    match rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let unfinished = with_suffix(to, ".unfinished");
            if unfinished.exists() {
                remove_folder(&unfinished)?;
            }
            let copied = copy_folder(from, &unfinished).and_then(|()| rename(&unfinished, to));
            if copied.is_err() {
                let _ = remove_folder(&unfinished);
            }
            copied?;
            flush_folder_of(to);
            remove_folder(from)?;
        }
        renamed => renamed?,
    }
    flush_folder_of(to);
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    make_folder(to).map_err(io::Error::other)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&from, &to)?;
        } else if kind.is_symlink() {
            copy_link(&from, &to)?;
        } else {
            copy_file(&from, &to)?;
        }
    }
    flush_folder_of(&to.join("any file"));
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = DiskFile::create(to)?;
    copy.write(&fs::read(from)?)?;
    copy.flush()?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

#[cfg(unix)]
fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

#[cfg(not(unix))]
fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() { copy_folder(from, to) } else { copy_file(from, to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_aside_goes_back() {
        let place = tempfile::tempdir().unwrap();
        let (folder, file) = (place.path().join("folder"), place.path().join("report.html"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("weights"), "good").unwrap();
        fs::write(&file, "page").unwrap();
        let move_both = || {
            let mut moved = MovedAside::default();
            assert_eq!(moved.folder(&folder).unwrap(), place.path().join("folder.previous-1"));
            moved.files(std::slice::from_ref(&file)).unwrap();
            assert!(!folder.exists() && place.path().join("report.previous-1.html").exists());
            moved
        };
        drop(move_both());
        assert_eq!(fs::read(folder.join("weights")).unwrap(), b"good");
        assert_eq!(fs::read(&file).unwrap(), b"page");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        move_both().keep();
        assert!(!folder.exists() && !file.exists());
    }
}
