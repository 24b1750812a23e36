//! The trained network that a tool works with.

use std::path::PathBuf;

use anyhow::Context;
use ch11_core::data::PIXELS;
use ch11_core::disk::obstacle;
use ch11_core::nets::{Classifier, build};
use ch11_core::shown;
use ch11_core::train::{Checkpoint, FINAL, seed_folder};
use dfdx::prelude::{BuildModule, Cpu};

use crate::cli::Exercise;

/// The flags that say which trained network to use.
#[derive(Debug, Clone, clap::Args)]
pub struct NetworkArgs {
    /// Run folder that holds the network [default: runs/ex08, and so on]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Seed that the network was trained from
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
}

/// A trained network.
#[derive(Debug, Clone)]
pub struct Trained<M> {
    /// The network.
    pub network: M,
    /// The checkpoint that it was read from.
    pub path: PathBuf,
    /// What it was trained on.
    pub dataset: String,
}

impl<M> Trained<M> {
    /// Reads the network that an exercise has trained and that the flags name.
    ///
    /// # Errors
    /// If there is none, or it cannot be used.
    pub fn read<const CLASSES: usize>(exercise: &Exercise, args: &NetworkArgs) -> anyhow::Result<Self>
    where
        M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
    {
        let path = args.find(exercise, exercise.fits)?;
        let mut network: M = build(0);
        let checkpoint = Checkpoint::load(&path, &mut network).with_context(|| unusable(exercise))?;
        Ok(Self { network, path, dataset: checkpoint.fit.dataset })
    }
}

impl NetworkArgs {
    /// Finds the checkpoint of the first of these fits that has ended.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn find(&self, exercise: &Exercise, fits: &[&str]) -> anyhow::Result<PathBuf> {
        let folder = exercise.folder(self.out.as_deref());
        let folders: Vec<PathBuf> = fits.iter().map(|fit| seed_folder(&folder.join(fit), self.seed)).collect();
        let paths = || folders.iter().map(|folder| folder.join(FINAL));
        paths().find(|path| path.exists()).with_context(|| {
            let (expected, remedy) = (paths().map(shown).collect::<Vec<_>>().join(" or "), remedy(exercise));
            match folders.iter().find_map(|folder| obstacle(folder)) {
                Some((path, found)) => format!("{}: found {found}, expected a run folder; {remedy}", shown(path)),
                None => format!("found no trained network, expected {expected}; {remedy}"),
            }
        })
    }
}

fn remedy(exercise: &Exercise) -> String {
    format!("train it first ({}), or name its run folder and seed with --out and --seed", exercise.command)
}

/// Says what to do about a network that cannot be used.
pub(super) fn unusable(exercise: &Exercise) -> String {
    format!("cannot use this network; {}", remedy(exercise))
}
