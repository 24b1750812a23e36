//! The networks that a search chooses from: a candidate is a value, a network's width is a type.

use ch11_core::data::PIXELS;
use ch11_core::nets::{Activation, BatchNorm, Classifier, Dropout, Identity, Linear};
use ch11_harness::search::Candidate;
use dfdx::prelude::{BuildModule, Cpu};

use crate::part_a::CLASSES;

/// A hidden layer of a candidate; `N` is batch normalisation, or [`Identity`] without it.
type Hidden<N, const I: usize, const O: usize> = (Dropout, Linear<I, O>, N, Activation);

/// A candidate's network.
type Network<N, const WIDTH: usize> = (
    Hidden<N, PIXELS, WIDTH>,
    Hidden<N, WIDTH, WIDTH>,
    Hidden<N, WIDTH, WIDTH>,
    Hidden<N, WIDTH, WIDTH>,
    Hidden<N, WIDTH, WIDTH>,
    (Dropout, Linear<WIDTH, CLASSES>),
);

/// What to do with a candidate's network once its type is known.
pub trait ForAnyNetwork {
    /// The result.
    type Output;

    /// Takes the network.
    fn run<M: Classifier<PIXELS, CLASSES>>(self, network: M) -> Self::Output;
}

/// The one place where a width becomes a type: declares [`WIDTHS`] and [`with_network`].
macro_rules! declare_widths {
    ($($width:literal),+) => {
        /// The widths that there are networks of.
        pub const WIDTHS: [usize; [$($width),+].len()] = [$($width),+];

        /// Makes a candidate's network, its weights drawn from `seed`, and hands it on.
        ///
        /// # Panics
        /// If the candidate's width is not one of [`WIDTHS`].
        pub fn with_network<T: ForAnyNetwork>(candidate: &Candidate, seed: u64, then: T) -> T::Output {
            match candidate.width {
                $($width => of_width::<$width, T>(candidate, seed, then),)+
                other => unreachable!("no network is {other} neurons wide"),
            }
        }
    };
}

declare_widths!(10, 30, 50, 70, 90, 100, 120, 140, 160);

fn of_width<const WIDTH: usize, T: ForAnyNetwork>(candidate: &Candidate, seed: u64, then: T) -> T::Output {
    let device = Cpu::seed_from_u64(seed);
    match candidate.batch_norm_momentum {
        None => then.run(network::<_, WIDTH>(candidate, &device, || Identity)),
        Some(momentum) => {
            then.run(network::<_, WIDTH>(candidate, &device, || BatchNorm { momentum, ..BatchNorm::build(&device) }))
        }
    }
}

fn network<N, const WIDTH: usize>(candidate: &Candidate, device: &Cpu, norm: impl Fn() -> N) -> Network<N, WIDTH> {
    (
        hidden(candidate, device, norm()),
        hidden(candidate, device, norm()),
        hidden(candidate, device, norm()),
        hidden(candidate, device, norm()),
        hidden(candidate, device, norm()),
        (dropout(candidate), Linear::build(device)),
    )
}

fn hidden<N, const I: usize, const O: usize>(candidate: &Candidate, device: &Cpu, norm: N) -> Hidden<N, I, O> {
    (dropout(candidate), Linear::build(device), norm, candidate.activation)
}

fn dropout(candidate: &Candidate) -> Dropout {
    Dropout { rate: candidate.dropout_rate.unwrap_or(0.0) }
}
