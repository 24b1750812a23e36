//! Every example runs, says what it did, and is short.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_example_runs_and_checks_itself() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    // Into the folder beside that of the tests. Without `--test`, Cargo builds them before it runs tests; with it, not at all.
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
        let binary = binaries.join(name);
        assert!(is_fresh(&binary), "{name} is missing or out of date; `cargo build -p ch11-core --examples` builds it");
        let output = Command::new(binary).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{name} says nothing");
    }
}

/// Tells whether a binary is there and no older than any of its sources, which Cargo lists beside it.
fn is_fresh(binary: &Path) -> bool {
    let modified = |file: &Path| fs::metadata(file).and_then(|it| it.modified()).ok();
    let listed = fs::read_to_string(binary.with_extension("d")).unwrap_or_default();
    let sources = listed.trim_end().replace("\\ ", "\0");
    let mut sources = sources.split(' ').skip(1).map(|source| modified(Path::new(&source.replace('\0', " "))));
    binary.exists() && sources.all(|source| source.is_some() && source <= modified(binary))
}
