//! What hostile and damaged files hold, those among it that the fuzzers found: each is read, or refused with an error.
//!
//! `corpus/` has a folder per reader, as `fuzz/` has a fuzzer. `good-` files are read; others are refused.

use std::fs;
use std::path::Path;

use ch11_core::{Result, fuzzing};

/// Has a reader read all files of its folder; there are at least so many.
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
fn idx() {
    read_all(fuzzing::idx, "idx", 9);
}

#[test]
fn gzip() {
    read_all(fuzzing::gzip, "gzip", 3);
}

#[test]
fn checkpoint() {
    read_all(fuzzing::checkpoint, "checkpoint", 3);
}

#[test]
fn checkpoint_payload() {
    read_all(fuzzing::checkpoint_payload, "checkpoint_payload", 5);
}

#[test]
fn safetensors() {
    read_all(fuzzing::safetensors, "safetensors", 7);
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
