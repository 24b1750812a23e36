//! What is in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

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
    /// Reads all files in a folder and below.
    pub fn of(top: &Path) -> Self {
        let (mut folders, mut files) = (vec![top.to_owned()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
                    files.insert(name, fs::read(path).unwrap());
                }
            }
        }
        Self(files)
    }

    /// Leaves out the times that fits took, pages and pictures with times in them, and locks.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        let varies = ["seconds.json", "report.html", "curves.csv", "curves.jsonl", ".lock"];
        self.0.retain(|name, _| !varies.iter().any(|end| name.ends_with(end)));
        self
    }

    /// Returns the files' paths.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Returns the folders that hold the weights which a fit ended with.
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
