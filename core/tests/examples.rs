//! Every example runs, says what it did, and is short.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_example_runs_and_checks_itself() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    // Cargo builds the examples before it runs tests, into the folder beside that of the tests.
    let test = std::env::current_exe().unwrap();
    let binaries = test.ancestors().nth(2).unwrap().join("examples");
    let mut names: Vec<_> = fs::read_dir(&sources).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 7, "{names:?}");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for source in names {
        let name = source.file_stem().unwrap().to_str().unwrap();
        let lines = fs::read_to_string(&source).unwrap().lines().count();
        assert!(lines <= 90, "{name} has {lines} lines: an example is short");
        assert!(page.contains(&format!("examples/{name}.rs")), "{name} is not on the front page of core");
        let output = Command::new(binaries.join(name)).output().unwrap_or_else(|error| {
            panic!("{name}: {error}; `cargo build -p ch11-core --examples` builds it");
        });
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{name} says nothing");
    }
}
