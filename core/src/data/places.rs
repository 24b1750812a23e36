//! The places where MNIST is looked for if no folder is named: everything that loading takes from the environment.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use ch11_fetch::{Network, Timeouts};
use etcetera::BaseStrategy;

use super::idx::{Checksums, mnist_checksums};

/// Mirrors of MNIST's gzipped files, in the order in which they are tried.
pub(super) const MIRRORS: [&str; 2] =
    ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"];

/// Places to load digits from. Tests have their own.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The workspace's own data folders, in the order in which they are tried.
    pub(super) workspace: Vec<PathBuf>,
    /// The user's cache folder, if the user has a home.
    pub(super) cache: Option<PathBuf>,
    /// Base addresses, each ending in `/`, in the order in which they are tried.
    pub(super) mirrors: Vec<String>,
    pub(super) network: Network,
    pub(super) timeouts: Timeouts,
    /// The checksums of MNIST's files.
    pub(super) sha256: Checksums,
}

impl Places {
    /// Finds the places by the current folder, the user's home, `MNIST_MIRROR`, and the variables about the network.
    pub(super) fn from_environment() -> Self {
        let mirror = env::var("MNIST_MIRROR").ok().filter(|mirror| !mirror.trim().is_empty());
        Self {
            workspace: env::current_dir().map(|folder| workspace_folders(&folder)).unwrap_or_default(),
            cache: etcetera::choose_base_strategy().ok().map(|user| user.cache_dir().join("ch11").join("mnist")),
            mirrors: mirrors(mirror),
            network: Network::new(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned())),
            timeouts: Timeouts::default(),
            sha256: mnist_checksums(),
        }
    }
}

/// Returns the folders `data/mnist` in `current` and in the workspace around it.
pub(super) fn workspace_folders(current: &Path) -> Vec<PathBuf> {
    let is_workspace = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|manifest| manifest.lines().any(|line| line.trim() == "[workspace]"))
    };
    let root = current.ancestors().find(is_workspace);
    let mut folders: Vec<PathBuf> =
        [Some(current), root].into_iter().flatten().map(|folder| folder.join("data").join("mnist")).collect();
    folders.dedup();
    folders
}

/// Returns the base addresses to download from: `instead` if given, otherwise the known ones.
pub(super) fn mirrors(instead: Option<String>) -> Vec<String> {
    let mirrors = instead.map_or_else(|| MIRRORS.map(str::to_owned).to_vec(), |mirror| vec![mirror.trim().to_owned()]);
    mirrors.into_iter().map(|mirror| format!("{}/", mirror.trim_end_matches('/'))).collect()
}
