//! The folders that a fit is saved in, one per seed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ch11_core::shown;
use ch11_core::train::{Opened, RunFolder, seed_folder};

use super::Session;
use super::held::usable;

/// The folders that a fit is saved in, one per seed.
#[derive(Debug, Clone)]
pub struct FitFolders<'a> {
    session: &'a Session,
    name: String,
    folder: PathBuf,
    seeds: Vec<u64>,
    /// Whether the folders are another exercise's, which is gone on with in any case.
    is_borrowed: bool,
}

impl Session {
    /// Returns the folders of the fit `name`: the run folder's `name/seed-N`.
    pub fn folders_of(&self, name: &str) -> FitFolders<'_> {
        let (name, folder) = (name.to_owned(), self.folder_of(name));
        FitFolders { session: self, name, folder, seeds: self.args.all_seeds(), is_borrowed: false }
    }

    /// Returns the folders of each of these fits; a name may come more than once.
    pub fn folders_of_all<N: Into<String>>(&self, names: impl IntoIterator<Item = N>) -> Vec<FitFolders<'_>> {
        let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
        names.iter().map(|name| self.folders_of(name)).collect()
    }
}

impl<'a> FitFolders<'a> {
    pub(super) fn kept_in(self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), is_borrowed: true, ..self }
    }

    pub(super) fn seeds(self, seeds: Vec<u64>) -> Self {
        Self { seeds, ..self }
    }

    pub(super) fn session(&self) -> &'a Session {
        self.session
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_borrowed(&self) -> bool {
        self.is_borrowed
    }

    pub(super) fn all_seeds(&self) -> &[u64] {
        &self.seeds
    }

    pub(super) fn seed_count(&self) -> usize {
        self.seeds.len()
    }

    /// Returns the folder that those of all seeds are in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn seeds_and_folders(&self) -> impl Iterator<Item = (u64, PathBuf)> {
        self.seeds.iter().map(|&seed| (seed, seed_folder(&self.folder, seed)))
    }

    /// Tells whether what the folders hold is gone on with. A share of the seeds always goes on: a scheduler starts it again as it was.
    pub(super) fn resumes(&self) -> bool {
        let args = &self.session.args;
        args.resume || args.shard.is_some() || self.is_borrowed
    }

    /// Says what to do about a folder that cannot be used.
    pub(super) fn usable<T>(&self, result: ch11_core::Result<T>) -> anyhow::Result<T> {
        usable(result, if self.is_borrowed { "--pretrained" } else { "--out" })
    }

    /// Says that an earlier fit was moved.
    pub(super) fn moved(&self, seed: u64, to: &Path) -> String {
        let what = if self.resumes() { "a folder without a state to resume from" } else { "an earlier run" };
        format!("{}: {what} was moved to {}", self.label(seed), shown(to))
    }

    /// Names the fit from a seed in messages: `8d`, `8d seed 43`.
    pub(super) fn label(&self, seed: u64) -> String {
        let name = self.session.label_of(&self.name);
        if self.session.args.seeds.get() == 1 { name } else { format!("{name} seed {seed}") }
    }

    /// Opens the folder of a seed for a fit on this data, and says what becomes of what is there.
    pub(super) fn open(&self, seed: u64, dataset: &str) -> anyhow::Result<RunFolder> {
        let Self { session, folder, .. } = self;
        let (label, path) = (self.label(seed), seed_folder(folder, seed));
        let held = session.held().take_folder(&path);
        let opened = held.and_then(|it| it.open(dataset, session.args.checkpoint_every.get(), self.resumes()));
        let (folder, opened) = self.usable(opened)?;
        match opened {
            Opened::Resuming => session.notice(format_args!("{label}: resumes from {}", shown(folder.last()))),
            Opened::SetAside(previous) => session.notice(self.moved(seed, &previous)),
            Opened::Empty if session.args.resume => {
                session.notice(format_args!("{label}: nothing to resume in {}; it starts afresh", shown(path)));
            }
            Opened::Empty => {}
        }
        Ok(folder)
    }
}
