//! Hostile and damaged files, including those that the fuzzers found: each is read, or refused with an error.
//!
//! `corpus/` has a folder per reader, as `fuzz/` has a fuzzer. Files named `good` are read; others are refused.

use ch11_core::fuzzing;
use ch11_testing::assert_corpus;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");

#[test]
fn idx() {
    assert_corpus(format!("{CORPUS}/idx"), 9, fuzzing::idx);
}

#[test]
fn gzip() {
    assert_corpus(format!("{CORPUS}/gzip"), 3, fuzzing::gzip);
}

#[test]
fn checkpoint() {
    assert_corpus(format!("{CORPUS}/checkpoint"), 3, fuzzing::checkpoint);
}

#[test]
fn checkpoint_payload() {
    assert_corpus(format!("{CORPUS}/checkpoint_payload"), 5, fuzzing::checkpoint_payload);
}

#[test]
fn safetensors() {
    assert_corpus(format!("{CORPUS}/safetensors"), 7, fuzzing::safetensors);
}

/// The files in `corpus/checkpoint` were once what this makes; it changes with the format, which its version tells.
#[test]
fn a_checkpoint_is_read_with_every_byte_changed_and_its_checksum_right() {
    let whole = fuzzing::a_checkpoint().unwrap();
    fuzzing::checkpoint(&whole).unwrap();
    let payload = &whole[fuzzing::checkpoint_head_bytes()..];
    fuzzing::checkpoint_payload(payload).unwrap();
    for at in 0..payload.len() {
        for value in [0, 1, 0x7f, 0xfb, 0xfc, 0xfd, 0xff] {
            let mut payload = payload.to_vec();
            payload[at] = value;
            let _ = fuzzing::checkpoint_payload(&payload); // No panic, and no more memory than there is.
        }
        assert!(fuzzing::checkpoint_payload(&payload[..at]).is_err());
    }
}
