//! What a binary does besides its exercise: with a network that it has trained, or about itself.

mod completions;
mod draw;
mod logits;
mod predict;
mod trained;

use std::num::NonZeroUsize;

use ch11_core::data::PIXELS;
use ch11_core::nets::Classifier;
use clap_complete::Shell;
use dfdx::prelude::{BuildModule, Cpu};

pub use logits::LogitsArgs;
pub use predict::PredictArgs;
pub use trained::NetworkArgs;

use crate::cli::help::of_tool;
use crate::cli::{Exercise, threads};

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
    #[command(hide = true, after_help = of_tool(logits::HELP))]
    Logits(LogitsArgs),
    /// Write completions for a shell to stdout
    #[command(after_help = of_tool(completions::HELP))]
    Completions {
        /// The shell
        shell: Shell,
    },
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
