//! Hostile and damaged files, including those that the fuzzers found: each is read, or refused with an error.
//!
//! `corpus/` has a folder per reader, as `fuzz/` has a fuzzer. Files named `good` are read; others are refused.

use ch11_harness::fuzzing;
use ch11_testing::assert_corpus;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");

#[test]
fn picture() {
    assert_corpus(format!("{CORPUS}/picture"), 10, fuzzing::picture);
}

#[test]
fn pixels() {
    assert_corpus(format!("{CORPUS}/pixels"), 8, fuzzing::pixels);
}

#[test]
fn journal() {
    assert_corpus(format!("{CORPUS}/journal"), 12, fuzzing::journal);
}

#[test]
fn search() {
    assert_corpus(format!("{CORPUS}/search"), 5, fuzzing::search);
}

#[test]
fn space() {
    assert_corpus(format!("{CORPUS}/space"), 8, fuzzing::space);
}
