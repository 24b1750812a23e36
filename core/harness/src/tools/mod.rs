//! What a program does besides its exercise: it uses a network that it has trained, says how far fits are, or writes
//! shell completions.

mod completions;
mod draw;
mod logits;
mod lr_find;
mod onnx;
mod overfit;
mod predict;
mod status;
mod trained;

use std::num::NonZeroUsize;

use ch11_core::data::PIXELS;
use ch11_core::nets::Classifier;
use clap_complete::Shell;
use dfdx::prelude::{BuildModule, Cpu};

pub use logits::LogitsArgs;
pub use lr_find::LrFindArgs;
pub use onnx::OnnxArgs;
pub use overfit::OverfitArgs;
pub use predict::PredictArgs;
pub use status::StatusArgs;
pub use trained::NetworkArgs;

use crate::cli::help::of_tool;
use crate::cli::{Exercise, threads};

/// What a program does besides its exercise.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Tool {
    /// Write a web page where the trained network recognises the digits you draw
    #[command(after_help = of_tool(draw::HELP))]
    Draw(NetworkArgs),
    /// Recognise the digits in picture files
    #[command(after_help = of_tool(predict::HELP))]
    Predict(PredictArgs),
    /// Write the test images and their logits, for other programs
    #[command(hide = true, after_help = of_tool(logits::HELP))]
    Logits(LogitsArgs),
    /// Show the progress of a search, or of fits from several seeds, also while they run
    #[command(after_help = of_tool(status::HELP))]
    Status(StatusArgs),
    /// Write a trained network as an ONNX file, which many other programs can run
    #[command(after_help = of_tool(onnx::HELP))]
    Onnx(OnnxArgs),
    /// Look for a learning rate: train for one epoch while the rate grows, and see where the loss is lowest
    #[command(after_help = of_tool(lr_find::HELP))]
    LrFind(LrFindArgs),
    /// Check that the network can learn a few images by heart
    #[command(after_help = of_tool(overfit::HELP))]
    Overfit(OverfitArgs),
    /// Write shell completions to stdout
    #[command(after_help = of_tool(completions::HELP))]
    Completions {
        /// The shell that is to complete command lines
        shell: Shell,
    },
}

impl Tool {
    /// Runs the command, for a program with the command line `command` whose exercise trains an `M`.
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
            Self::Status(args) => status::run(exercise, &args),
            Self::Onnx(args) => onnx::run(exercise, &args),
            Self::LrFind(args) => lr_find::run::<M, CLASSES>(exercise, &args),
            Self::Overfit(args) => overfit::run::<M, CLASSES>(exercise, &args),
            Self::Completions { shell } => completions::run(shell, command),
        }
    }
}
