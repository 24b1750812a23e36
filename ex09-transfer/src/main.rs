//! Exercise 9: transfer what the digits 0 to 4 taught to the digits 5 to 9, from 100 images each.

mod few_images;
mod part_a;
mod part_b;
mod part_c;
mod part_d;
mod part_e;
mod part_f;
mod part_g;
mod part_h;
mod pretrained;
mod raw_pixels;
mod recipes;
mod results;

use std::path::PathBuf;
use std::process::ExitCode;

use ch11_core::data::Augmentation;
use ch11_harness::cli::{Args, Exercise, Session, augments_part, named};
use ch11_harness::program::{OwnFlags, Program};
use ch11_harness::report::Findings;
use clap::ValueEnum;

use few_images::FewImages;
use pretrained::{Found, Pretrained};

const PROGRAM: Program = Program {
    name: "ex09-transfer",
    about: "Exercise 9: transfer a network from the digits 0 to 4 to the digits 5 to 9, of which it sees 100 images each",
    parts: "Parts: (a) freeze exercise 8's hidden layers under a new output layer; (b) train that; (c) cache the frozen layers; (d) reuse \
            four hidden layers instead of five; (e) unfreeze two of them, then all, beside the same network from scratch; (f) all rows \
            again on a network that was pretrained to transfer; (g) transfer and scratch from 10 to 1,000 images per digit; (h) transfer and scratch on \
            images that are distorted whenever they are drawn.",
    examples: EXAMPLES,
    title: "from the digits 0 to 4 to the digits 5 to 9",
    // A network that saw distorted images knows drawn digits best.
    exercise: Exercise {
        number: "9",
        digits: 5..=9,
        seeds: "5",
        fits: &[
            part_h::UNFROZEN_FIT,
            part_e::UNFROZEN_ALL_FIT,
            part_f::UNFROZEN_ALL_FIT,
            part_e::UNFROZEN_TWO_FIT,
            part_d::FIT,
        ],
        command: "cargo run --release -p ex09-transfer -- e",
    },
};

/// The flag of this exercise.
#[derive(Debug, clap::Args)]
struct Flags {
    /// Exercise 8's run folder, which holds the network to reuse; if none is there, it is trained first. Or a network of the same shape
    /// from another program, FILE.safetensors, with hidden1.weight (100, 784), hidden1.bias and so on to output.bias
    #[arg(long, value_name = "DIR|FILE", default_value = pretrained::RUN_FOLDER)]
    pretrained: PathBuf,

    /// How the images of part h are distorted whenever they are drawn [default: elastic]
    #[arg(long, value_name = "NAME", help_heading = "Augmentation (part h)", value_parser = named::<Augmentation, _>(Augmentation::NAMES))]
    augment: Option<Augmentation>,
}

impl OwnFlags<Part> for Flags {
    fn check(&self, parts: &[Part], args: &Args) -> Result<(), String> {
        args.has_seeds_for_each_shard()?;
        augments_part(self.augment, (PROGRAM.name, Part::H), parts)
    }
}

const EXAMPLES: &str = "\
Examples:
  ex09-transfer                          all parts, from five seeds, each on a network and images of its own
  ex09-transfer b c                      frozen layers, and how much faster they are when cached
  ex09-transfer g --seeds 10             what a label is worth, over ten seeds
  ex09-transfer h --augment affine       transfer, on images that are distorted in one way
  ex09-transfer --pretrained net.safetensors
                                         all parts, on a network that PyTorch, say, has trained on the digits 0 to 4
  ex09-transfer --quick --data synthetic a short look, without MNIST
  ex09-transfer draw                     a page on which to draw digits for part h's network, or else part f's or e's
  ex09-transfer predict seven.png        which digit a picture shows, by that network

ex09-transfer/README.md explains results and choices.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The frozen network
    A,
    /// Training it
    B,
    /// Caching the frozen layers
    C,
    /// Four hidden layers instead of five
    D,
    /// Unfreezing
    E,
    /// All rows on a network that was pretrained to transfer
    F,
    /// What a label is worth
    G,
    /// Images that are distorted
    H,
}

impl Part {
    /// Names the fits of a part; each has a folder in the run folder. Parts c and e need those of the part before, too.
    fn fits(self, quick: bool) -> Vec<String> {
        let fits: &[&str] = match self {
            Self::A => &[],
            Self::B => &[part_b::FIT],
            Self::C => &[part_b::FIT, part_c::FIT],
            Self::D => &[part_d::FIT],
            Self::E => &part_e::FITS,
            Self::F => &part_f::FITS,
            Self::G => return part_g::fits(quick),
            Self::H => &part_h::FITS,
        };
        fits.iter().map(|&fit| fit.to_owned()).collect()
    }
}

fn main() -> ExitCode {
    PROGRAM.run::<Part, Flags, part_d::FourLayers, 5>(solve)
}

fn solve(session: &mut Session, parts: &[Part], flags: &Flags) -> anyhow::Result<()> {
    let both = parts.contains(&Part::H) && !pretrained::is_file(&flags.pretrained);
    let kinds = if both { &[pretrained::PLAIN, pretrained::AUGMENTED][..] } else { &[pretrained::PLAIN] };
    let found = kinds.iter().map(|&kind| pretrained::find(session, kind, &flags.pretrained));
    let found = found.collect::<anyhow::Result<Vec<_>>>()?;
    let mut folders = session.folders_of_all(parts.iter().flat_map(|part| part.fits(session.args.quick)));
    folders.extend(found.iter().filter_map(Found::missing));
    session.make_room(&folders, None)?;
    let complete = found.into_iter().map(|found| found.complete(session)).collect::<anyhow::Result<Vec<_>>>()?;
    let (networks, reused): (Vec<_>, Vec<_>) = complete.into_iter().unzip();
    let is_one_network = reused[0].is_one_for_all();
    reused.into_iter().for_each(|reused| reused.tell(session));
    let mut findings = Vec::new();
    let ended = run_parts(session, parts, flags, &networks, &mut findings);
    let from_a_hundred = part_g::rows_from_a_hundred(&findings);
    results::show(session, findings, is_one_network);
    ended?;
    if parts.contains(&Part::G) { part_g::run(session, &networks[0], from_a_hundred) } else { Ok(()) }
}

/// Runs the parts, and adds what each found. There are networks of each kind: part 8b's, and perhaps, for part h, 8f's.
fn run_parts(
    session: &mut Session,
    parts: &[Part],
    flags: &Flags,
    networks: &[Vec<Pretrained>],
    findings: &mut Vec<Findings>,
) -> anyhow::Result<()> {
    let plain = &networks[0];
    part_a::run(session, &plain[0]);
    let images = FewImages::HUNDRED;
    let any_of = |some: &[Part]| parts.iter().any(|part| some.contains(part));
    if any_of(&[Part::B, Part::C]) {
        let uncached = part_b::train(session, plain, images)?;
        findings.push(part_b::findings(session, &uncached, images));
        if any_of(&[Part::C]) {
            findings.push(part_c::run(session, plain, images, &uncached)?);
        }
    }
    if any_of(&[Part::D, Part::E]) {
        let four = part_d::train(session, part_d::FIT, recipes::OUTPUT_LAYER, plain, images)?;
        findings.push(part_d::findings(&four, findings));
        if any_of(&[Part::E]) {
            findings.push(part_e::run(session, &four, findings, images)?);
        }
    }
    if any_of(&[Part::F]) {
        findings.push(part_f::run(session, findings, images)?);
    }
    if any_of(&[Part::H]) {
        let augmentation = flags.augment.unwrap_or(Augmentation::ELASTIC);
        let of_8f = networks.get(1).map(Vec::as_slice);
        findings.push(part_h::run(session, (plain, of_8f), augmentation, findings, images)?);
    }
    Ok(())
}
