//! What all tests of the binary share: a place to run it in, away from the user's files, and a look at what it left there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Every test file is a crate of its own, and none uses all of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use assert_cmd::assert::Assert;

/// Longer than any run here takes on a slow machine: a hanging one fails instead of stopping the tests.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Part b on few digits, which are drawn and so always there.
pub const SYNTHETIC: [&str; 4] = ["b", "--data", "synthetic", "--quick"];

/// The run folder of seed 42 unless `--out` names another.
pub const RUN: &str = "runs/ex08/b/seed-42";

/// What a run folder holds when a fit has ended.
pub const FILES: [&str; 5] = ["best.ckpt", "final.ckpt", "final.safetensors", "last.ckpt", "seconds.json"];

/// An empty folder that the binary runs in, with no home and no MNIST but what a test puts there.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Makes a command line of the binary that opens no connection.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ex08-base"));
        command.args(args).arg("--offline");
        self.clean(&mut command);
        command
    }

    /// Makes a command know nothing but this place.
    pub fn clean(&self, command: &mut Command) {
        command
            .current_dir(self.folder.path())
            .env_remove("MNIST_DIR")
            .env_remove("MNIST_MIRROR")
            .env("HOME", self.path("home"))
            .env("XDG_CACHE_HOME", self.path("home/cache"));
    }

    /// Runs the binary to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Assert {
        assert_cmd::Command::from_std(self.command(args)).timeout(TIMEOUT).assert()
    }

    /// Runs part b on few drawn digits, with `more` flags, to its end.
    pub fn train<S: AsRef<OsStr>>(&self, more: impl IntoIterator<Item = S>) -> Assert {
        self.run(synthetic(more))
    }

    /// Reads all files in a folder, but for the times that a fit took.
    pub fn contents(&self, folder: impl AsRef<Path>) -> Contents {
        let mut files = self.all_contents(folder);
        files.0.remove("seconds.json");
        files
    }

    /// Reads all files in a folder.
    pub fn all_contents(&self, folder: impl AsRef<Path>) -> Contents {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let files = entries.map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        });
        Contents(files.collect())
    }
}

/// Adds flags to [`SYNTHETIC`].
pub fn synthetic<S: AsRef<OsStr>>(more: impl IntoIterator<Item = S>) -> Vec<OsString> {
    let more = more.into_iter().map(|arg| arg.as_ref().to_owned());
    SYNTHETIC.map(OsString::from).into_iter().chain(more).collect()
}

/// The files of a folder, by name.
#[derive(PartialEq, Eq)]
pub struct Contents(pub BTreeMap<String, Vec<u8>>);

/// Megabytes of weights say nothing: names and lengths do.
impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lengths = self.0.iter().map(|(name, bytes)| (name, bytes.len()));
        f.debug_map().entries(lengths).finish()
    }
}

impl Contents {
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Fails if a file is there on one side only, or differs.
    #[track_caller]
    pub fn assert_same(&self, other: &Self, what: &str) {
        assert_eq!(self.names(), other.names(), "{what}");
        for (name, bytes) in &self.0 {
            assert!(other.0[name] == *bytes, "{what}: {name} differs");
        }
    }
}

pub fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

pub fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// Fails unless a run ended with status 1 and exactly one error, which says all of `says`.
#[track_caller]
pub fn assert_fails(assert: Assert, says: &[&str]) {
    let assert = assert.code(1);
    let text = stderr(&assert);
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{text}");
    assert!(text.ends_with(&format!("{}\n", errors[0])), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    assert!(text.matches("os error").count() <= 1, "a cause is told twice: {text}");
    for part in says {
        assert!(errors[0].contains(part), "no `{part}` in: {text}");
    }
}

/// A run that goes on by itself; killed, if it still goes on, when this is dropped.
pub struct Running {
    pub child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    /// What it has written to stderr so far.
    pub lines: Vec<String>,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, stderr, lines: Vec::new() }
    }

    /// Waits until `count` more epochs have ended, or the run has; tells which.
    pub fn wait_for_epochs(&mut self, count: usize) -> bool {
        (0..count).all(|_| self.wait_for_line("training loss"))
    }

    /// Waits until a line that contains `text` was written, or the run has ended; tells which.
    pub fn wait_for_line(&mut self, text: &str) -> bool {
        for line in self.stderr.by_ref() {
            self.lines.push(line.unwrap());
            if self.lines.last().is_some_and(|line| line.contains(text)) {
                return true;
            }
        }
        false
    }

    /// Waits for the end of the run, and returns its status and all that it wrote to stderr.
    pub fn end(&mut self) -> (std::process::ExitStatus, String) {
        self.lines.extend(self.stderr.by_ref().map(Result::unwrap));
        (self.child.wait().unwrap(), self.lines.join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
