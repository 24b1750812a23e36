//! Which trials a search runs, in which order.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{Candidate, Journal, Ranking, Space};
use ch11_core::train::Settings;

/// What is searched and how: two equal ones are the same search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// What it may choose from.
    pub space: Space,
    /// How many candidates are drawn; all, if the space has fewer.
    pub candidates: NonZeroUsize,
    /// The folds of the cross-validation.
    pub folds: usize,
    /// Whether losing candidates are dropped early, by successive halving.
    pub halving: bool,
    /// How each fit is trained, where its candidate does not say otherwise; its seed is that of the candidates and of the folds, too.
    pub settings: Settings,
    /// The data that is trained and scored on.
    pub data: String,
}

/// One fit: a candidate trained without one fold and scored on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Trial {
    /// The most epochs that it may be trained for.
    pub epochs: NonZeroUsize,
    /// The number of the candidate, from 0.
    pub candidate: usize,
    /// The number of the fold, from 0.
    pub fold: usize,
}

/// Of the candidates in a rung, one in this many goes on to the next; each has this many times the epochs of the one before.
const HALVING_FACTOR: usize = 3;
/// The most epochs in the first rung of successive halving.
const FIRST_EPOCHS: usize = 2;
/// The rungs of successive halving, the last one without a limit of its own.
const RUNGS: u32 = 3;

impl Search {
    /// Draws the candidates.
    pub fn candidates(&self) -> Vec<Candidate> {
        self.space.sample(self.candidates.get(), self.settings.seed)
    }

    /// Returns the most epochs of a fit in each rung. Without halving there is one rung.
    ///
    /// [Successive halving](https://arxiv.org/abs/1502.07943): all candidates are trained for a few epochs, the best third of them for
    /// three times as many, and so on; the last rung trains until early stopping. Each rung trains afresh.
    pub fn rungs(&self) -> Vec<NonZeroUsize> {
        let all = self.settings.epochs;
        let rungs = if self.halving { RUNGS } else { 1 };
        let limits = (1..rungs).map(|rung| FIRST_EPOCHS * HALVING_FACTOR.pow(rung - 1));
        let limited = limits.filter_map(NonZeroUsize::new).filter(|&limit| limit < all);
        limited.chain([all]).collect()
    }

    /// Returns the trials of the first rung that lacks some of them, those that the journal holds left out; none at the end.
    pub fn next_trials(&self, journal: &Journal) -> Vec<Trial> {
        let mut field: Vec<usize> = (0..self.candidates().len()).collect();
        for epochs in self.rungs() {
            let trials =
                field.iter().flat_map(|&candidate| (0..self.folds).map(move |fold| Trial { epochs, candidate, fold }));
            let missing: Vec<Trial> = trials.filter(|trial| journal.record(trial).is_none()).collect();
            if !missing.is_empty() {
                return missing;
            }
            let going_on = field.len().div_ceil(HALVING_FACTOR);
            let ranking = Ranking::of_rung(self, journal, &field, epochs);
            field = ranking.rows().iter().take(going_on).map(|row| row.number).collect();
        }
        Vec::new()
    }

    /// Returns how many trials the whole search has.
    pub fn trial_count(&self) -> usize {
        let field = self.candidates().len();
        let fields = std::iter::successors(Some(field), |field| Some(field.div_ceil(HALVING_FACTOR)));
        fields.take(self.rungs().len()).sum::<usize>() * self.folds
    }
}

impl Search {
    /// Says what makes this search another one than `begun`: names, and what each has.
    pub(crate) fn differences(&self, begun: &Self) -> [(&'static str, String, String); 11] {
        let lists = |search: &Self| serde_json::to_string(&search.space).unwrap_or_default();
        let pair = |what, value: &dyn Fn(&Self) -> String| (what, value(begun), value(self));
        [
            pair("the data", &|search| search.data.clone()),
            pair("the space", &lists),
            pair("--candidates", &|search| search.candidates.to_string()),
            pair("--folds", &|search| search.folds.to_string()),
            pair("--halving", &|search| search.halving.to_string()),
            pair("--seed", &|search| search.settings.seed.to_string()),
            pair("--epochs", &|search| search.settings.epochs.to_string()),
            pair("--patience", &|search| search.settings.patience.to_string()),
            pair("--optimizer", &|search| search.settings.algorithm.to_string()),
            pair("--decay", &|search| search.settings.decay.to_string()),
            pair("--l2", &|search| search.settings.l2.to_string()),
        ]
    }
}
