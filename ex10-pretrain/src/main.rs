//! Exercise 10: pretraining on pairs of digits, then a classifier from few labels.

mod additive;
mod pairs;
mod part_a;
mod part_b;
mod part_c;
mod part_d;
mod recipes;
mod scores;
mod splits;

use std::collections::BTreeSet;
use std::process::ExitCode;

use ch11_harness::cli::{self, Args, Exercise, Session, long_help};
use ch11_harness::tools::Tool;
use clap::{CommandFactory, Parser, ValueEnum};

use pairs::PairSets;
use part_d::FewLabels;
use splits::Splits;

/// Exercise 10: pretrain a network on whether two digits are the same, then classify digits with it from few labels.
///
/// Parts: (a) build two networks whose outputs are compared; (b) draw balanced pairs from split #1, 55,000 training images; (c) train
/// on them, under one logistic neuron as the exercise is printed and with a hidden layer before it; (d) reuse the first network's
/// hidden layers, frozen, for a classifier on split #2, 5,000 images, then fine-tune, beside the same network from scratch.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, after_long_help = long_help(EXAMPLES), allow_negative_numbers = true)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    tool: Option<Tool>,

    /// Parts to run [default: all]
    #[arg(value_enum, value_name = "PART")]
    parts: Vec<Part>,

    #[command(flatten)]
    args: Args,
}

const EXAMPLES: &str = "\
Examples:
  ex10-pretrain                          all parts, on MNIST if it can be had
  ex10-pretrain c --seeds 3              both heads from three seeds, with means and standard deviations
  ex10-pretrain d --resume               the classifiers, on the pairs' network that the run folder holds
  ex10-pretrain --quick --data synthetic a short look, without MNIST
  ex10-pretrain draw                     a page on which to draw digits for part d's network
  ex10-pretrain predict seven.png        which digit a picture shows, by that network

ex10-pretrain/README.md explains results and choices.";

/// Part d's fine-tuned network is the one to draw for.
const EXERCISE: Exercise = Exercise {
    number: "10",
    digits: 0..=9,
    fits: &[part_d::FINE_TUNED, part_d::FROZEN_A],
    command: "cargo run --release -p ex10-pretrain -- d",
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The networks
    A,
    /// The pairs
    B,
    /// Training on pairs
    C,
    /// Classifiers from few labels
    D,
}

impl Part {
    /// Names the fits of a part, which its folders in the run folder are named after. Part d builds on one of part c's.
    fn fits(self) -> &'static [&'static str] {
        match self {
            Self::A | Self::B => &[],
            Self::C => &[part_c::SINGLE_OUTPUT, part_c::HIDDEN],
            Self::D => &[part_c::HIDDEN, part_d::FROZEN_A, part_d::FINE_TUNED, part_d::FROM_SCRATCH],
        }
    }
}

fn main() -> ExitCode {
    cli::run(|cli: Cli| match cli.tool {
        Some(tool) => tool.run::<part_d::Classifier, 10>(&EXERCISE, Cli::command()),
        None => run(cli),
    })
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let parts = if cli.parts.is_empty() { Part::value_variants().to_vec() } else { cli.parts };
    let mut session = Session::start(&EXERCISE, "pretraining on pairs of digits", cli.args)?;
    // Images that are too few are found before anything is moved aside or trained.
    PairSets::of(Splits::of(&session.digits))?;
    FewLabels::of(Splits::of(&session.digits))?;
    let names: BTreeSet<&str> = parts.iter().flat_map(|part| part.fits()).copied().collect();
    let folders: Vec<_> = names.into_iter().map(|name| session.folders_of(name)).collect();
    session.make_room(&folders, None)?;

    let ended = run_parts(&mut session, &parts);
    session.finish(ended)
}

fn run_parts(session: &mut Session, parts: &[Part]) -> anyhow::Result<()> {
    part_a::run(session);
    if parts.contains(&Part::B) {
        part_b::run(session)?;
    }
    if parts.iter().any(|part| matches!(part, Part::C | Part::D)) {
        let networks = part_c::run(session, parts.contains(&Part::C))?;
        if parts.contains(&Part::D) {
            part_d::run(session, &networks)?;
        }
    }
    Ok(())
}
