//! What a process leaves that is killed while it loads digits, and how the next one removes it.
//!
//! A process holds a lock on what it works on. What nobody holds any more is left over.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// A file in a temporary folder that is locked as long as the folder is in use.
const IN_USE: &str = "in-use.lock";

/// Marks a temporary folder as in use as long as the file lives that is returned.
pub(super) fn mark_in_use(folder: &Path) -> io::Result<File> {
    let (file, path) = NamedTempFile::new_in(folder)?.into_parts();
    lock(&file);
    // It has this name only once it is locked.
    path.persist(folder.join(IN_USE)).map_err(|error| error.error)?;
    Ok(file)
}

/// Removes the temporary folders in `place` whose name begins so and that nobody uses any more. What cannot be removed stays.
pub(super) fn remove_folders(place: &Path, prefix: &str) {
    for folder in named(place, |name| name.starts_with(prefix)) {
        if is_left_over(&folder.join(IN_USE)) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Makes a file in a folder, with `end` at the end of its name, that is removed when the path is dropped.
pub(super) fn part_file(folder: &Path, start: &str, end: &str) -> io::Result<(File, TempPath)> {
    let (file, path) = tempfile::Builder::new().prefix(start).tempfile_in(folder)?.into_parts();
    lock(&file);
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    let name = PathBuf::from(name);
    path.persist(&name).map_err(|error| error.error)?;
    Ok((file, TempPath::try_from_path(name)?))
}

/// Removes the files of such names that nobody writes any more.
pub(super) fn remove_part_files(folder: &Path, start: &str, end: &str) {
    for file in named(folder, |name| name.starts_with(start) && name.ends_with(end)) {
        if is_left_over(&file) {
            let _ = fs::remove_file(file);
        }
    }
}

/// Where there are no locks, nothing is known to be left over, and nothing is removed.
fn lock(file: &File) {
    let _ = file.try_lock();
}

fn is_left_over(locked: &Path) -> bool {
    File::options().read(true).write(true).open(locked).is_ok_and(|file| file.try_lock().is_ok())
}

fn named(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter(|entry| entry.file_name().to_str().is_some_and(&is_meant)).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_uses_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        };
        let [used, left, strange, other] = ["mine-used", "mine-left", "mine-strange", "another"].map(folder);
        let in_use = mark_in_use(&used).unwrap();
        drop(mark_in_use(&left).unwrap());
        drop(mark_in_use(&other).unwrap());
        fs::write(strange.join("notes"), "of somebody").unwrap();
        remove_folders(place.path(), "mine-");
        assert_eq!([&used, &left, &strange, &other].map(|it| it.exists()), [true, false, true, true]);
        drop(in_use);
        remove_folders(place.path(), "mine-");
        assert!(!used.exists());

        let (file, path) = part_file(place.path(), "digits", ".part").unwrap();
        let left = place.path().join("digits-left.part");
        fs::write(&left, "half").unwrap();
        remove_part_files(place.path(), "digits", ".part");
        assert!(path.exists() && !left.exists());
        drop((file, path));
        assert_eq!(named(place.path(), |name| name.starts_with("digits")), Vec::<PathBuf>::new());
    }
}
