//! An exercise as a program: what the main functions of all exercises do alike.

use std::process::ExitCode;

use ch11_core::data::PIXELS;
use ch11_core::nets::Classifier;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use dfdx::prelude::{BuildModule, Cpu};

use crate::cli::{self, Args, Exercise, Session, long_help};
use crate::tools::Tool;

/// An exercise as a program.
#[derive(Debug, Clone)]
pub struct Program {
    /// The name of the binary.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// What its parts do.
    pub parts: &'static str,
    /// Examples, for `--help`.
    pub examples: &'static str,
    /// What the header and the report call it.
    pub title: &'static str,
    /// The exercise.
    pub exercise: Exercise,
}

/// The flags that one exercise has for itself.
pub trait OwnFlags<P>: clap::Args {
    /// Checks that the flags and the parts that were asked for go together.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    fn check(&self, parts: &[P], args: &Args) -> Result<(), String>;
}

#[derive(Debug, Parser)]
#[command(version, allow_negative_numbers = true, args_conflicts_with_subcommands = true)]
struct CommandLine<P: ValueEnum + Send + Sync + 'static, F: clap::Args> {
    #[command(subcommand)]
    tool: Option<Tool>,

    /// Parts to run [default: all]
    #[arg(value_enum, value_name = "PART")]
    parts: Vec<P>,

    #[command(flatten)]
    own: F,

    #[command(flatten)]
    args: Args,
}

impl Program {
    /// Runs the command line: the parts, by `solve`, or a tool, with the network `M` that the exercise has trained.
    pub fn run<P, F, M, const CLASSES: usize>(
        &self,
        solve: impl FnOnce(&mut Session, &[P], &F) -> anyhow::Result<()>,
    ) -> ExitCode
    where
        P: ValueEnum + Send + Sync + 'static,
        F: OwnFlags<P>,
        M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
    {
        cli::run(self.command::<P, F>(), |line: CommandLine<P, F>| match line.tool {
            Some(tool) => tool.run::<M, CLASSES>(&self.exercise, self.command::<P, F>()),
            None => self.run_parts(line, solve),
        })
    }

    fn run_parts<P: ValueEnum + Send + Sync + 'static, F: OwnFlags<P>>(
        &self,
        line: CommandLine<P, F>,
        solve: impl FnOnce(&mut Session, &[P], &F) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let CommandLine { parts, own, args, .. } = line;
        let parts = if parts.is_empty() { P::value_variants().to_vec() } else { parts };
        if let Err(problem) = own.check(&parts, &args) {
            self.command::<P, F>().error(ErrorKind::ArgumentConflict, problem).exit();
        }
        let mut session = Session::start(&self.exercise, self.title, args)?;
        let ended = solve(&mut session, &parts, &own);
        session.finish(ended)
    }

    fn command<P: ValueEnum + Send + Sync + 'static, F: clap::Args>(&self) -> clap::Command {
        let seeds = self.exercise.seeds;
        CommandLine::<P, F>::command()
            .mut_arg("seeds", |arg| arg.default_value(seeds).default_value_if("quick", "true", Some("1")))
            .name(self.name)
            .about(self.about)
            .long_about(format!("{}\n\n{}", self.about, self.parts))
            .after_help(self.examples)
            .after_long_help(long_help(self.examples))
    }
}
