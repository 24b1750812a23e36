//! The best candidate, trained on all training digits.

use std::num::NonZeroUsize;

use ch11_core::data::PIXELS;
use ch11_core::metrics::evaluate;
use ch11_core::nets::Classifier;
use ch11_core::train::{Recipe, Schedule};
use ch11_harness::cli::{SeedRun, Session};
use ch11_harness::report::{Exhibit, ResultRow, RunResult};
use ch11_harness::search::Candidate;

use super::networks::{CandidateNetwork, with_network};
use crate::part_a::CLASSES;

/// With a constant learning rate, as in the search, and with one that falls to 0. A high rate gains by that, a low one does not.
pub const REFITS: [Refit; 2] = [
    Refit { stage: "c/refit", name: "best candidate, all training digits", recipe: Recipe::DEEP_NET },
    Refit {
        stage: "c/refit-falling-rate",
        name: "the same, with a falling rate",
        recipe: Recipe { schedule: Schedule::Linear, epochs: NonZeroUsize::new(30).unwrap(), ..Recipe::DEEP_NET },
    },
];

/// A way to train the best candidate.
#[derive(Debug, Clone, Copy)]
pub struct Refit {
    /// The name of its fits.
    pub stage: &'static str,
    /// What tables call it.
    pub name: &'static str,
    recipe: Recipe,
}

impl Refit {
    /// Returns what becomes of its learning rate.
    pub fn decay(&self) -> Schedule {
        self.recipe.schedule
    }
}

/// What came of a way to train the best candidate.
#[derive(Debug)]
pub struct Refitted {
    /// The way.
    pub refit: Refit,
    /// The results, from each seed.
    pub row: ResultRow,
    /// What the report shows of the first seed's network.
    pub exhibit: Option<Exhibit>,
}

impl Refitted {
    /// Returns the mean validation loss, by which one way is chosen.
    pub fn validation_loss(&self) -> f64 {
        self.row.samples(|run| run.validation_loss).mean()
    }
}

/// Trains the candidate in each way, side by side, and returns what came of those that did not diverge.
pub fn refit(session: &Session, candidate: &Candidate) -> anyhow::Result<Vec<Refitted>> {
    session.side_by_side_unless_diverged(&REFITS, |refit| train(session, candidate, *refit))
}

fn train(session: &Session, candidate: &Candidate, refit: Refit) -> anyhow::Result<Refitted> {
    let recipe = candidate.recipe(refit.recipe);
    let runs = session
        .stage(refit.stage, recipe)
        .one_of(REFITS.len())
        .settled()
        .each_seed(|run| with_network(candidate, run.seed, LastFit { run: &run, session }))?;
    let (results, exhibits): (_, Vec<_>) = runs.into_iter().unzip();
    Ok(Refitted { refit, row: ResultRow::new(results), exhibit: exhibits.into_iter().next().flatten() })
}

/// The last fit, once its network is made.
struct LastFit<'a> {
    run: &'a SeedRun<'a>,
    session: &'a Session,
}

impl CandidateNetwork for LastFit<'_> {
    type Output = anyhow::Result<(RunResult, Option<Exhibit>)>;

    fn run<M: Classifier<PIXELS, CLASSES>>(self, network: M) -> Self::Output {
        let digits = &self.session.digits;
        let fitted = self.run.fit(network, &digits.train, &digits.validation)?;
        let test = evaluate(&fitted.network, &digits.test);
        let exhibit = (self.run.index == 0).then(|| self.session.exhibit(&fitted.network, &test));
        Ok((self.run.result(&fitted, &test)?, exhibit))
    }
}
