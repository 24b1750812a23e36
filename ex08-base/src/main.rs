//! Exercise 8: a deep network for the digits 0 to 4.

mod part_a;
mod part_b;

use std::process::ExitCode;

use ch11_core::cli::{Args, Session, exit_status};
use clap::{Parser, ValueEnum};

/// Exercise 8: train a deep network on the digits 0 to 4.
///
/// Parts: (a) build five hidden layers of 100 ELU neurons; (b) train them with Adam and early stopping.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, allow_negative_numbers = true)]
struct Cli {
    /// Parts to run [default: all]
    #[arg(value_enum, value_name = "PART")]
    parts: Vec<Part>,

    #[command(flatten)]
    args: Args,
}

const EXAMPLES: &str = "\
Examples:
  ex08-base                          all parts, on MNIST if it can be had
  ex08-base b --seeds 5              part b from five seeds, with means and standard deviations
  ex08-base --quick --data synthetic a short look, without MNIST
  ex08-base b --resume               go on with a run that was cut off";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The network
    A,
    /// Training with Adam and early stopping
    B,
}

fn main() -> ExitCode {
    exit_status(run(Cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let mut session = Session::start("8", "a deep network for the digits 0 to 4", cli.args, 0..=4)?;
    part_a::run(&mut session)?;
    let parts = if cli.parts.is_empty() { Part::value_variants() } else { &cli.parts };
    for part in parts {
        match part {
            // Shown above, whatever the parts: they all train this network.
            Part::A => {}
            Part::B => part_b::run(&mut session)?,
        }
    }
    session.finish()
}
