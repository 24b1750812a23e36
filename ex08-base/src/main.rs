//! Exercise 8: a deep network for the digits 0 to 4.

mod part_a;
mod part_b;
mod part_c;
mod part_d;
mod part_e;
mod part_f;

use std::process::ExitCode;

use ch11_harness::cli::{Args, Exercise, PlannedSearch, Session};
use ch11_harness::program::{OwnFlags, Program};
use clap::ValueEnum;

use part_c::SearchArgs;
use part_f::AugmentArgs;

const PROGRAM: Program = Program {
    name: "ex08-base",
    about: "Exercise 8: train a deep network on the digits 0 to 4",
    parts: "Parts: (a) build five hidden layers of 100 ELU neurons; (b) train them with Adam and early stopping; (c) tune the \
            hyper-parameters by cross-validation; (d) add batch normalisation; (e) add dropout instead; (f) distort the training digits.",
    examples: EXAMPLES,
    title: "a deep network for the digits 0 to 4",
    // The networks that saw distorted digits know drawn ones best.
    exercise: Exercise {
        number: "8",
        digits: 0..=4,
        seeds: "1",
        fits: &[part_f::BEST_FITS[0], part_f::BEST_FITS[1], part_f::BEST_FITS[2], part_b::FIT],
        command: "cargo run --release -p ex08-base -- b",
    },
};

const EXAMPLES: &str = "\
Examples:
  ex08-base                          all parts, on MNIST if it can be had
  ex08-base b --seeds 5              part b from five seeds, with means and standard deviations
  ex08-base --quick --data synthetic a short look, without MNIST
  ex08-base b --resume               go on with a run that was cut off
  ex08-base c --candidates 50        a longer search
  ex08-base c --shard 2/5            one of five processes that share a search; then, once: ex08-base c --resume
  ex08-base f --augment elastic      part f with one way to distort digits, beside none
  ex08-base draw                     a page on which to draw digits, for part f's network or else part b's
  ex08-base predict three.png        which digit a picture shows, by that network

ex08-base/README.md explains results and choices.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The network
    A,
    /// Training with Adam and early stopping
    B,
    /// Tuning by cross-validation
    C,
    /// Batch normalisation
    D,
    /// Dropout
    E,
    /// Data augmentation
    F,
}

impl Part {
    /// Names the fits of a part; each has a folder in the run folder. Parts d and e need part b's, too.
    fn fits(self, augment: &AugmentArgs) -> Vec<String> {
        match self {
            Self::A => Vec::new(),
            Self::B => vec![part_b::FIT.to_owned()],
            Self::C => part_c::REFITS.map(|refit| refit.fit.to_owned()).to_vec(),
            Self::D => [part_b::FIT.to_owned()].into_iter().chain(part_d::fits()).collect(),
            Self::E => [part_b::FIT.to_owned()].into_iter().chain(part_e::fits()).collect(),
            Self::F => part_f::fits(augment),
        }
    }
}

fn main() -> ExitCode {
    PROGRAM.run::<Part, OwnArgs, part_a::Network, { part_a::CLASSES }>(solve)
}

/// The flags of parts c and f.
#[derive(Debug, Clone, clap::Args)]
struct OwnArgs {
    #[command(flatten)]
    search: SearchArgs,

    #[command(flatten)]
    augment: AugmentArgs,
}

impl OwnFlags<Part> for OwnArgs {
    fn check(&self, parts: &[Part], args: &Args) -> Result<(), String> {
        self.search.check(parts, args)?;
        self.augment.check(parts)
    }
}

fn solve(session: &mut Session, parts: &[Part], OwnArgs { search: args, augment }: &OwnArgs) -> anyhow::Result<()> {
    let search = part_c::search(session, args)?;
    let planned = PlannedSearch { name: "c", search: &search };
    let fits = parts
        .iter()
        .filter(|part| !(**part == Part::C && session.args.shard.is_some()))
        .flat_map(|part| part.fits(augment));
    session.make_room(&session.folders_of_all(fits), parts.contains(&Part::C).then_some(planned))?;
    // Whatever the parts: they all train this network, or one like it.
    part_a::run(session);
    let asked = |part| parts.contains(&part);
    let plain = if asked(Part::B) || asked(Part::D) || asked(Part::E) { part_b::train(session)? } else { Vec::new() };
    if asked(Part::B) {
        part_b::run(session, &plain);
    }
    if asked(Part::C) {
        part_c::run(session, &search, &plain)?;
    }
    if asked(Part::D) {
        part_d::run(session, &plain)?;
    }
    if asked(Part::E) {
        part_e::run(session, &plain)?;
    }
    if asked(Part::F) {
        part_f::run(session, augment)?;
    }
    Ok(())
}
