//! Exercise 10: pretraining on pairs of digits, then a classifier from few labels.

mod additive;
mod labels;
mod pairs;
mod part_a;
mod part_b;
mod part_c;
mod part_d;
mod part_e;
mod part_f;
mod recipes;
mod splits;

use std::process::ExitCode;

use ch11_core::data::Augmentation;
use ch11_harness::cli::{Args, Exercise, Session, augments_part, named};
use ch11_harness::program::{OwnFlags, Program};
use clap::ValueEnum;

use labels::Labels;
use pairs::PairSets;
use splits::Splits;

const PROGRAM: Program = Program {
    name: "ex10-pretrain",
    about: "Exercise 10: pretrain a network to tell whether two digits are the same, then use it to classify digits from few labels",
    parts: "Parts: (a) build two networks whose outputs are compared; (b) draw balanced pairs from split #1, 55,000 training images; (c) train \
            on them, under one logistic neuron as the exercise is printed, with a hidden layer before it, and under one neuron that reads the \
            distance of one network's outputs; (d) reuse the first network's hidden layers, frozen, for a classifier on split #2, 5,000 images, \
            then fine-tune, beside the same network from scratch and from all labels; (e) what a label is worth: accuracy from 1 to 450 labels \
            per digit; (f) pairs and classifiers again, with images that are distorted whenever they are drawn.",
    examples: EXAMPLES,
    title: "pretraining on pairs of digits",
    // The network that saw all labels, and distorted digits, knows drawn ones best.
    exercise: Exercise {
        number: "10",
        digits: 0..=9,
        seeds: "1",
        fits: &[part_f::CEILING, part_d::FINE_TUNED, part_d::FROZEN_A],
        command: "cargo run --release -p ex10-pretrain -- d",
    },
};

const EXAMPLES: &str = "\
Examples:
  ex10-pretrain                          all parts, on MNIST if it can be had
  ex10-pretrain c --seeds 3              all heads from three seeds, with means and standard deviations
  ex10-pretrain e --seeds 5              what a label is worth, from images that each seed draws
  ex10-pretrain f --augment shift        pairs and classifiers, with images that are shifted
  ex10-pretrain d --resume               the classifiers, on the pairs' network that the run folder holds
  ex10-pretrain --quick --data synthetic a short look, without MNIST
  ex10-pretrain draw                     a page on which to draw digits for part f's network, or else part d's
  ex10-pretrain predict seven.png        which digit a picture shows, by that network

ex10-pretrain/README.md explains results and choices.";

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
    /// What a label is worth
    E,
    /// Data augmentation
    F,
}

impl Part {
    /// Names the fits of a part; each has a folder in the run folder. Parts d and e need one of part c's, too.
    fn fits(self, quick: bool) -> Vec<String> {
        let own = match self {
            Self::A | Self::B => return Vec::new(),
            Self::C => vec![part_c::SINGLE_OUTPUT, part_c::DISTANCE],
            Self::D => vec![part_d::FROZEN_A, part_d::FINE_TUNED, part_d::FROM_SCRATCH, part_d::CEILING],
            Self::F => return part_f::FITS.map(str::to_owned).to_vec(),
            Self::E => return [vec![part_c::HIDDEN.to_owned()], part_e::fits(quick)].concat(),
        };
        own.into_iter().chain([part_c::HIDDEN]).map(str::to_owned).collect()
    }
}

/// The flag of this exercise.
#[derive(Debug, clap::Args)]
struct Flags {
    /// How the images of part f are distorted whenever they are drawn [default: elastic]
    #[arg(long, value_name = "NAME", help_heading = "Augmentation (part f)", value_parser = named::<Augmentation, _>(Augmentation::NAMES))]
    augment: Option<Augmentation>,
}

impl OwnFlags<Part> for Flags {
    fn check(&self, parts: &[Part], args: &Args) -> Result<(), String> {
        args.has_seeds_for_each_shard()?;
        augments_part(self.augment, (PROGRAM.name, Part::F), parts)
    }
}

fn main() -> ExitCode {
    PROGRAM.run::<Part, Flags, labels::Classifier, 10>(solve)
}

fn solve(session: &mut Session, parts: &[Part], flags: &Flags) -> anyhow::Result<()> {
    // Images that are too few are found before anything is moved aside or trained.
    PairSets::of(Splits::of(&session.digits))?;
    Labels::few(Splits::of(&session.digits))?;
    let quick = session.args.quick;
    session.make_room(&session.folders_of_all(parts.iter().flat_map(|part| part.fits(quick))), None)?;

    let mut earlier = Vec::new();
    part_a::run(session);
    if parts.contains(&Part::B) {
        part_b::run(session)?;
    }
    if parts.iter().any(|part| matches!(part, Part::C | Part::D | Part::E)) {
        let (networks, rows) = part_c::run(session, parts.contains(&Part::C))?;
        earlier.extend(rows);
        if parts.contains(&Part::D) {
            earlier.extend(part_d::run(session, &networks)?);
        }
        if parts.contains(&Part::E) {
            part_e::run(session, &networks)?;
        }
    }
    if parts.contains(&Part::F) {
        part_f::run(session, flags.augment.unwrap_or(Augmentation::ELASTIC), &earlier)?;
    }
    Ok(())
}
