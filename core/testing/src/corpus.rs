//! Files that a reader must bear.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

/// Has a reader read all files of a folder, of which there are at least so many. Files whose names begin with `good` are read; others are
/// refused with an error.
#[track_caller]
pub fn assert_corpus<E: Debug>(folder: impl AsRef<Path>, at_least: usize, reader: fn(&[u8]) -> Result<(), E>) {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.map(|path| {
        let good = path.file_name().unwrap().to_string_lossy().starts_with("good");
        let read = reader(&fs::read(&path).unwrap());
        assert_eq!(read.is_ok(), good, "{}: {read:?}", path.display());
    });
    let files = files.count();
    assert!(files >= at_least, "{files} files");
}
