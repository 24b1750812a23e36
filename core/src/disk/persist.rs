//! Replacing files as a whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{Builder, TempPath};

use super::obstacle::must_be_file;
use super::{DiskFile, flush_folder_of, folder_of};
use crate::{Error, Result};

/// The beginning and the end of the names of temporary files; the characters between them are random.
const PREFIX: &str = ".ch11-";
const SUFFIX: &str = ".tmp";
const RANDOM_CHARACTERS: usize = 12;

/// No file takes longer to write: a temporary file that is older was left by a killed process.
const LONGEST_TO_WRITE: Duration = Duration::from_secs(24 * 60 * 60);

/// How many links to follow, as on Linux.
const MOST_LINKS: usize = 40;

/// Replaces the contents of the file at `path`. Whatever happens, it holds either the old contents or the new ones.
///
/// The contents are written to a temporary file beside it, which is flushed to disk and then renamed. A link is kept,
/// and its target is replaced.
///
/// # Errors
/// If `path` is not a file, its folder cannot be written, or the disk is full; the file is then unchanged.
pub fn persist(path: &Path, contents: &[u8]) -> Result<()> {
    persist_all([(path, contents)])
}

/// Replaces several files as [`persist`] does; no file is replaced before the contents of all are on disk.
pub fn persist_all<'a>(files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> Result<()> {
    let replace = |(path, contents)| Replacement::write(path, contents);
    let written: Vec<Replacement<'_>> = files.into_iter().map(replace).collect::<Result<_>>()?;
    written.into_iter().try_for_each(Replacement::rename)
}

/// Removes temporary files that killed processes left, if they are at least `age` old. With an age of 0, no other
/// process may be writing in the folder.
pub fn clear_leftovers(folder: &Path, age: Duration) {
    let is_ours = |name: &str| {
        let random = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
        random.is_some_and(|random| random.len() == RANDOM_CHARACTERS)
    };
    let is_old = |entry: &fs::DirEntry| {
        let modified = entry.metadata().and_then(|file| file.modified());
        // A time in the future has no age.
        age.is_zero() || modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| elapsed >= age))
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) && is_old(&entry) {
            // Another process may remove it, too.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// New contents that are on disk under a temporary name.
struct Replacement<'a> {
    path: &'a Path,
    target: PathBuf,
    file: DiskFile,
    /// Removed when dropped.
    temporary: TempPath,
}

impl<'a> Replacement<'a> {
    fn write(path: &'a Path, contents: &[u8]) -> Result<Self> {
        let target = target(path)?;
        let write = || -> io::Result<_> {
            let mut builder = Builder::new();
            builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM_CHARACTERS);
            let (mut file, temporary) = builder.make_in(folder_of(&target), DiskFile::create_new)?.into_parts();
            file.write(contents)?;
            file.flush()?;
            Ok((file, temporary))
        };
        let (file, temporary) = write().map_err(Error::io("write", path))?;
        Ok(Self { path, target, file, temporary })
    }

    fn rename(self) -> Result<()> {
        self.file.rename(&self.target).map_err(Error::io("write", self.path))?;
        // Nothing has the temporary name any more.
        let _ = self.temporary.keep();
        flush_folder_of(&self.target);
        clear_leftovers(folder_of(&self.target), LONGEST_TO_WRITE);
        Ok(())
    }
}

/// Finds the file that a path leads to, which need not exist yet.
fn target(path: &Path) -> Result<PathBuf> {
    match fs::metadata(path) {
        Ok(_) => must_be_file(path).map(|()| end_of_links(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let target = end_of_links(path);
            // A link may lead to a file that is not there yet, in a folder that is.
            if folder_of(&target).is_dir() { Ok(target) } else { must_be_file(path).map(|()| target) }
        }
        Err(error) => Err(Error::io("write", path)(error)),
    }
}

fn end_of_links(path: &Path) -> PathBuf {
    let mut end = path.to_owned();
    for _ in 0..MOST_LINKS {
        // What is not a link, or does not exist, cannot be read as a link.
        let Ok(next) = fs::read_link(&end) else { break };
        end = folder_of(&end).join(next);
    }
    end
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

    #[cfg(unix)]
    #[test]
    fn follows_links_and_leaves_them() {
        use std::os::unix::fs::symlink;

        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("folder/file"), "old").unwrap();
        symlink("folder/link", at("to-link")).unwrap();
        symlink("file", at("folder/link")).unwrap();
        symlink("folder/not-yet", at("to-nothing")).unwrap();
        for (link, end) in [("to-link", "folder/file"), ("to-nothing", "folder/not-yet")] {
            persist(&at(link), b"new").unwrap();
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
            assert_eq!(fs::read(at(end)).unwrap(), b"new");
        }
        assert!(fs::symlink_metadata(at("folder/link")).unwrap().is_symlink());
        assert_eq!(fs::read_dir(at("folder")).unwrap().count(), 3);

        symlink("circle", at("circle")).unwrap();
        assert!(persist(&at("circle"), b"new").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn refuses_what_is_no_file() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink("/dev/null", at("link")).unwrap();
        for (name, found) in [("folder", "a folder"), ("socket", "a socket"), ("pipe", "a pipe"), ("link", "a device")]
        {
            let before = fs::symlink_metadata(at(name)).unwrap().file_type();
            let error = persist(&at(name), b"new").unwrap_err().to_string();
            assert!(error.contains(&format!("{name}: found {found}, expected a file")), "{error}");
            assert_eq!(fs::symlink_metadata(at(name)).unwrap().file_type(), before);
        }
        assert!(persist(Path::new("/dev/null"), b"new").is_err());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4);
    }

    #[test]
    fn leaves_what_is_not_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let others = ["file.tmp", ".file.tmp", ".ch11-notes.tmp", "ch11-abcdefghijkl.tmp"];
        others.iter().for_each(|name| fs::write(folder.path().join(name), "another's").unwrap());
        fs::write(folder.path().join(".ch11-abcdefghijkl.tmp"), "killed while it was written").unwrap();
        // Whoever writes it may still be alive.
        persist(&path, b"new").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), others.len() + 2);
        clear_leftovers(folder.path(), Duration::ZERO);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), others.len() + 1);
        others.iter().for_each(|name| assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"another's"));
    }

    #[test]
    fn clears_what_was_left_long_ago() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".ch11-abcdefghijkl.tmp");
        fs::write(&left, "killed while it was written").unwrap();
        let yesterday = std::time::SystemTime::now() - LONGEST_TO_WRITE;
        fs::File::options().write(true).open(&left).unwrap().set_modified(yesterday).unwrap();
        persist(&folder.path().join("file"), b"new").unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn replaces_all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        fs::write(&one, "old").unwrap();
        fs::create_dir(&other).unwrap();
        let replace = || persist_all([(one.as_path(), b"new".as_slice()), (&other, b"new")]);
        assert!(replace().is_err());
        assert_eq!(fs::read(&one).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        fs::remove_dir(&other).unwrap();
        replace().unwrap();
        assert_eq!([fs::read(&one).unwrap(), fs::read(&other).unwrap()], [b"new", b"new"]);
    }
}
