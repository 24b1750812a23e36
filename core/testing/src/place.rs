//! A place to run a binary in.

use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use assert_cmd::assert::Assert;
use serde_json::Value;

use crate::{Contents, Report, stdout};

/// Longer than any run takes on a slow machine: a hanging one fails instead of stopping the tests.
pub const TIMEOUT: Duration = Duration::from_secs(300);

/// A binary under test.
pub trait Binary {
    /// The flags of a short run on few digits, which are drawn and so always there.
    const SYNTHETIC: &[&str];

    /// Returns where the binary is.
    fn path() -> &'static Path;
}

/// An empty folder that a binary runs in, with no home and no MNIST but what a test puts there.
pub struct Place<B> {
    folder: tempfile::TempDir,
    binary: PhantomData<B>,
}

impl<B: Binary> Default for Place<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B: Binary> Place<B> {
    /// Makes a place.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), binary: PhantomData }
    }

    /// Returns a path in this place.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Makes a command line of the binary that opens no connection.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(B::path());
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

    /// Runs the binary with a tool's arguments, `--offline` not among them, to its end.
    pub fn tool<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Assert {
        let mut command = Command::new(B::path());
        command.args(args);
        self.clean(&mut command);
        assert_cmd::Command::from_std(command).timeout(TIMEOUT).assert()
    }

    /// Adds parts and flags to [`Binary::SYNTHETIC`].
    pub fn synthetic<S: AsRef<OsStr>>(more: impl IntoIterator<Item = S>) -> Vec<OsString> {
        let more = more.into_iter().map(|arg| arg.as_ref().to_owned());
        B::SYNTHETIC.iter().map(OsString::from).chain(more).collect()
    }

    /// Runs the binary on few drawn digits, with `more` parts and flags, to its end.
    pub fn train<S: AsRef<OsStr>>(&self, more: impl IntoIterator<Item = S>) -> Assert {
        self.run(Self::synthetic(more))
    }

    /// Does so with `--json`, and returns the document.
    pub fn document<S: AsRef<OsStr>>(&self, more: impl IntoIterator<Item = S>) -> Value {
        let args = Self::synthetic(more).into_iter().chain(["--json".into()]);
        serde_json::from_str(&stdout(&self.run(args).success())).unwrap()
    }

    /// Reads the report in a run folder.
    #[track_caller]
    pub fn report(&self, folder: impl AsRef<Path>) -> Report {
        Report::of(&self.path(folder))
    }

    /// Reads all files in a folder and below, but for the times that fits took, and for locks.
    pub fn contents(&self, folder: impl AsRef<Path>) -> Contents {
        self.all_contents(folder).without_times()
    }

    /// Reads all files in a folder and below.
    pub fn all_contents(&self, folder: impl AsRef<Path>) -> Contents {
        Contents::of(&self.path(folder))
    }
}
