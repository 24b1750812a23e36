//! Hostile and damaged files, including those that the fuzzers found: each is read, or refused with an error.
//!
//! `corpus/` has a folder per reader, as `fuzz/` has a fuzzer. `good-` files are read; others are refused.

use std::fs;
use std::path::Path;

use ch11_harness::{Result, fuzzing};

/// Reads all files of a reader's folder, of which there are at least so many.
fn read_all(reader: fn(&[u8]) -> Result<()>, folder: &str, at_least: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let mut files = 0;
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let good = path.file_name().unwrap().to_string_lossy().starts_with("good");
        let read = reader(&fs::read(&path).unwrap());
        assert_eq!(read.is_ok(), good, "{}: {read:?}", path.display());
        files += 1;
    }
    assert!(files >= at_least, "{files} files");
}

#[test]
fn picture() {
    read_all(fuzzing::picture, "picture", 10);
}

#[test]
fn pixels() {
    read_all(fuzzing::pixels, "pixels", 8);
}

#[test]
fn journal() {
    read_all(fuzzing::journal, "journal", 12);
}

#[test]
fn search() {
    read_all(fuzzing::search, "search", 5);
}

#[test]
fn space() {
    read_all(fuzzing::space, "space", 8);
}
