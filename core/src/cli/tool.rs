//! What a binary does besides its exercise: with a network that it has trained, or about itself.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap_complete::Shell;
use dfdx::prelude::{BuildModule, Cpu};

use super::help::of_tool;
use super::logits::LogitsArgs;
use super::predict::PredictArgs;
use super::{completions, draw, logits, predict, threads};
use crate::data::PIXELS;
use crate::nets::{Classifier, build};
use crate::shown;
use crate::train::Checkpoint;

/// What a binary does besides its exercise.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Tool {
    /// Write a page on which to draw digits for the trained network
    #[command(after_help = of_tool(draw::HELP))]
    Draw(NetworkArgs),
    /// Tell which digits picture files show
    #[command(after_help = of_tool(predict::HELP))]
    Predict(PredictArgs),
    /// Write the test images and what the trained network makes of them, for other programs
    #[command(after_help = of_tool(logits::HELP))]
    Logits(LogitsArgs),
    /// Write completions for a shell to stdout
    #[command(after_help = of_tool(completions::HELP))]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The flags that say which trained network to use.
#[derive(Debug, Clone, clap::Args)]
pub struct NetworkArgs {
    /// Run folder that the network is in [default: runs/ex08, and so on]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Seed that it was trained from
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
}

/// What the tools need to know of an exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Its number.
    pub number: &'static str,
    /// Its digits.
    pub digits: RangeInclusive<u8>,
    /// The fits whose networks the tools can use, in the run folder; the first that has ended is taken.
    pub stages: &'static [&'static str],
    /// The command that trains the first.
    pub command: &'static str,
}

/// A trained network.
#[derive(Debug, Clone)]
pub(super) struct Trained<M> {
    /// The network.
    pub network: M,
    /// The checkpoint that it was read from.
    pub path: PathBuf,
    /// What it was trained on.
    pub dataset: String,
}

impl Tool {
    /// Does it, for a binary with the command line `command` whose exercise trains an `M`.
    ///
    /// # Errors
    /// If there is no trained network, or a file cannot be read or written.
    pub fn run<M, const CLASSES: usize>(self, exercise: &Exercise, command: clap::Command) -> anyhow::Result<()>
    where
        M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
    {
        let _threads = threads::start(NonZeroUsize::MIN)?;
        match self {
            Self::Draw(args) => draw::run::<M, CLASSES>(exercise, &args),
            Self::Predict(args) => predict::run::<M, CLASSES>(exercise, &args),
            Self::Logits(args) => logits::run::<M, CLASSES>(exercise, &args),
            Self::Completions { shell } => completions::run(shell, command),
        }
    }
}

impl Exercise {
    /// Returns the run folder: the one that was asked for, or `runs/ex08` and so on.
    pub(super) fn folder(&self, out: Option<&Path>) -> PathBuf {
        out.map_or_else(|| format!("runs/ex{:0>2}", self.number).into(), Path::to_owned)
    }

    /// Reads the trained network that the flags name.
    pub(super) fn trained<M, const CLASSES: usize>(&self, args: &NetworkArgs) -> anyhow::Result<Trained<M>>
    where
        M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
    {
        let folder = self.folder(args.out.as_deref());
        let paths = self.stages.iter().map(|stage| folder.join(stage).join(format!("seed-{}/final.ckpt", args.seed)));
        let paths: Vec<PathBuf> = paths.collect();
        let path = paths.iter().find(|path| path.exists()).with_context(|| {
            let expected = paths.first().map(shown).unwrap_or_default();
            anyhow!("found no trained network, expected {expected}; {}", self.remedy())
        })?;
        let mut network: M = build(0);
        let checkpoint = Checkpoint::load(path, &mut network)
            .with_context(|| format!("cannot use this network; {}", self.remedy()))?;
        Ok(Trained { network, path: path.clone(), dataset: checkpoint.fit.dataset })
    }

    fn remedy(&self) -> String {
        format!("train it first ({}), or name its run folder and seed with --out and --seed", self.command)
    }
}
