//! What all tests of the binary share: a place to run it in, away from the user's files, and a look at what it left there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Every test file is a crate of its own, and none uses all of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use assert_cmd::assert::Assert;
use serde_json::Value;

/// Longer than any run here takes on a slow machine: a hanging one fails instead of stopping the tests.
pub const TIMEOUT: Duration = Duration::from_secs(300);

/// Few digits, which are drawn and so always there.
pub const SYNTHETIC: [&str; 3] = ["--data", "synthetic", "--quick"];

/// Where exercise 8 keeps the network of seed 42 unless `--pretrained` names another folder.
pub const NETWORK: &str = "runs/ex08/b/seed-42/final.ckpt";

/// What a row of results holds.
pub const ROW: [&str; 8] = [
    "test_accuracy",
    "test_precision",
    "test_loss",
    "validation_loss",
    "epochs",
    "best_epoch",
    "seconds",
    "epoch_seconds",
];

/// An empty folder that the binary runs in, with no home and no MNIST but what a test puts there.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A place where exercise 8's network of seed 42 is.
    pub fn with_network() -> Self {
        let place = Self::new();
        place.train(["a"]).success();
        place
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Makes a command line of the binary that opens no connection.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ex09-transfer"));
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

    /// Runs the binary on few drawn digits, with `more` parts and flags, to its end.
    pub fn train<S: AsRef<OsStr>>(&self, more: impl IntoIterator<Item = S>) -> Assert {
        self.run(synthetic(more))
    }

    /// Does so with `--json`, and returns the document.
    pub fn document<S: AsRef<OsStr>>(&self, more: impl IntoIterator<Item = S>) -> Value {
        let args = synthetic(more).into_iter().chain(["--json".into()]);
        serde_json::from_str(&stdout(&self.run(args).success())).unwrap()
    }

    /// Reads all files in a folder and below, but for the times that fits took, and for locks.
    pub fn contents(&self, folder: impl AsRef<Path>) -> Contents {
        let mut files = self.all_contents(folder);
        files.0.retain(|name, _| !name.ends_with("seconds.json") && !name.ends_with(".lock"));
        files
    }

    /// Reads all files in a folder and below.
    pub fn all_contents(&self, folder: impl AsRef<Path>) -> Contents {
        let top = self.path(folder);
        let (mut folders, mut files) = (vec![top.clone()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&top).unwrap().to_string_lossy().into_owned();
                    files.insert(name, fs::read(path).unwrap());
                }
            }
        }
        Contents(files)
    }
}

/// Adds parts and flags to [`SYNTHETIC`].
pub fn synthetic<S: AsRef<OsStr>>(more: impl IntoIterator<Item = S>) -> Vec<OsString> {
    let more = more.into_iter().map(|arg| arg.as_ref().to_owned());
    SYNTHETIC.map(OsString::from).into_iter().chain(more).collect()
}

/// The files of a folder and of those in it, by path.
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

    /// The folders that hold the weights which a fit ended with.
    pub fn fits(&self) -> Vec<&str> {
        self.names().into_iter().filter_map(|name| name.strip_suffix("/final.ckpt")).collect()
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

/// Takes the parts of a document, without the times in them and what follows from those.
pub fn timeless(document: &Value) -> Value {
    let mut parts = document["parts"].clone();
    remove_times(&mut parts);
    parts
}

fn remove_times(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|key, _| !key.ends_with("seconds") && key != "speedup");
        members.values_mut().for_each(remove_times);
    }
}

pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

pub fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_unstable();
    names
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
    for part in says {
        assert!(errors[0].contains(part), "no `{part}` in: {text}");
    }
}
