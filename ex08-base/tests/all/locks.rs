//! File systems whose locks are others than a local disk's.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::common::{Place, Running};

/// What NFS does of version 4: locks a range of the file, for which a shared one needs a file open to read and an exclusive one a file open
/// to write.
const AS_RANGES: &str = r#"
#include <fcntl.h>
#include <sys/file.h>
int flock(int file, int how) {
    struct flock range = {.l_type = how & LOCK_UN ? F_UNLCK : how & LOCK_EX ? F_WRLCK : F_RDLCK, .l_whence = 0};
    return fcntl(file, how & LOCK_NB ? F_SETLK : F_SETLKW, &range);
}
"#;

/// What NFS does where the server keeps no locks.
const NO_LOCKS: &str = r#"
#include <errno.h>
int flock(int file, int how) {
    errno = ENOLCK;
    return -1;
}
"#;

/// Compiles a library that a program finds its locks in before the system's own.
fn library(place: &Place, code: &str) -> PathBuf {
    let (source, library) = (place.path("locks.c"), place.path("locks.so"));
    fs::write(&source, code).unwrap();
    let mut compile = Command::new("cc");
    assert!(compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status().unwrap().success());
    library
}

/// The flags of a short search.
fn search(more: &[&'static str]) -> Vec<&'static str> {
    let flags = ["c", "--data", "synthetic", "--quick", "--epochs", "1", "--candidates", "3", "--folds", "2"];
    [&flags, more].concat()
}

#[test]
fn network_file_systems_lock_in_their_own_way_or_not_at_all() {
    for locks in [AS_RANGES, NO_LOCKS] {
        let place = Place::new();
        let library = library(&place, locks);
        let start = |mut command: Command| {
            command.env("LD_PRELOAD", &library);
            Running::start(command)
        };
        let succeeds = |mut run: Running| {
            let (status, text) = run.end();
            assert!(status.success(), "{text}");
        };
        let shards = ["1/2", "2/2"].map(|shard| start(place.command(search(&["--shard", shard]))));
        shards.into_iter().for_each(succeeds);
        succeeds(start(place.command(search(&["--resume"]))));
        for more in [&[][..], &["--resume"], &[]] {
            succeeds(start(place.command(Place::synthetic([&["--epochs", "1"], more].concat()))));
        }
        assert!(place.path("runs/ex08/b/seed-42.previous-1").exists());
    }
}

#[test]
fn locks_of_ranges_keep_a_second_process_out() {
    let place = Place::new();
    let library = library(&place, AS_RANGES);
    let command = |flags: &[&str]| {
        let mut command = place.command(Place::synthetic(flags));
        command.env("LD_PRELOAD", &library);
        command
    };
    let mut run = Running::start(command(&["--epochs", "100000", "--patience", "100000"]));
    assert!(run.wait_for_epochs(1), "{:?}", run.lines);
    let second = assert_cmd::Command::from_std(command(&[])).assert();
    crate::common::assert_fails(second, &["runs/ex08/b/seed-42: another process trains here"]);
}

#[test]
fn a_share_waits_a_moment_for_the_lock_of_one_that_died() {
    let place = Place::new();
    fs::create_dir_all(place.path("runs/ex08/c")).unwrap();
    let lock = File::create(place.path("runs/ex08/c/trials-1-of-2.jsonl.lock")).unwrap();
    lock.try_lock().unwrap();
    let mut share = Running::start(place.command(search(&["--shard", "1/2"])));
    std::thread::sleep(Duration::from_secs(2));
    drop(lock);
    let (status, text) = share.end();
    assert!(status.success(), "{text}");
}
