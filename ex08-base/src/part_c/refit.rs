//! The best candidate, trained on all training digits.

use std::num::NonZeroUsize;

use ch11_core::data::{Digits, PIXELS};
use ch11_core::nets::{AnyNetwork, Classifier};
use ch11_core::train::{Recipe, Schedule};
use ch11_harness::cli::{SeedRun, Session};
use ch11_harness::report::{Row, Tested};
use ch11_harness::search::Candidate;

use super::networks::{ForAnyNetwork, with_network};
use crate::part_a::CLASSES;

/// Two ways to train it: at the constant rate of the search, and at a rate that falls to 0, which helps only where the
/// rate is high.
pub const REFITS: [Refit; 2] = [
    Refit { fit: "c/refit", name: "best candidate, all training digits", recipe: Recipe::DEEP_NET },
    Refit {
        fit: "c/refit-falling-rate",
        name: "best candidate, falling rate",
        recipe: Recipe { schedule: Schedule::Linear, epochs: NonZeroUsize::new(30).unwrap(), ..Recipe::DEEP_NET },
    },
];

/// A way to train the best candidate.
#[derive(Debug, Clone, Copy)]
pub struct Refit {
    /// The name of its fits.
    pub fit: &'static str,
    /// What tables call it.
    pub name: &'static str,
    recipe: Recipe,
}

impl Refit {
    /// Returns what becomes of its learning rate.
    pub fn schedule(&self) -> Schedule {
        self.recipe.schedule
    }
}

/// What came of a way to train the best candidate, from each seed.
pub struct Refitted {
    /// How the candidate was trained.
    pub refit: Refit,
    /// The networks, tested.
    pub tested: Vec<Tested<AnyCandidate>>,
}

/// The network of a candidate, whatever its width.
type AnyCandidate = Box<dyn AnyNetwork + Send>;

impl Refitted {
    /// Returns its row of results.
    pub fn row(&self) -> Row {
        Row::of(self.refit.name, &self.tested)
    }

    /// Returns the mean validation loss, by which one way is chosen.
    pub fn validation_loss(&self) -> f64 {
        self.row().samples(|run| run.validation_loss).mean()
    }
}

/// Trains the candidate in each way, side by side, and returns what came of those that did not diverge.
pub fn refit(session: &Session, candidate: &Candidate) -> anyhow::Result<Vec<Refitted>> {
    session.side_by_side_unless_diverged(&REFITS, |&refit| {
        let fits = session.fits(refit.fit, candidate.recipe(refit.recipe)).chosen_by_search();
        let digits = &session.digits;
        let tested = fits.each_seed(|run| with_network(candidate, run.seed, LastFit { run: &run, digits }))?;
        Ok(Refitted { refit, tested })
    })
}

/// The last fit, once its network is made.
struct LastFit<'a> {
    run: &'a SeedRun<'a>,
    digits: &'a Digits,
}

impl ForAnyNetwork for LastFit<'_> {
    type Output = anyhow::Result<Tested<AnyCandidate>>;

    fn run<M: Classifier<PIXELS, CLASSES>>(self, network: M) -> Self::Output {
        let Digits { train, validation, test, .. } = self.digits;
        let tested = self.run.fit_and_test(network, train, validation, test)?;
        Ok(tested.map(|network| Box::new(network) as AnyCandidate))
    }
}
