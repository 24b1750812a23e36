//! What is searched and how.

use std::iter::successors;
use std::num::NonZeroUsize;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Candidate, FoldCount, Space, Trial};
use ch11_core::train::Settings;

/// What is searched and how. Two equal values are the same search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// The values to choose from.
    pub space: Space,
    /// How many candidates to draw, at most [`Self::MOST_CANDIDATES`]; all of them, if the space has fewer.
    #[serde(deserialize_with = "candidates")]
    pub candidates: NonZeroUsize,
    /// The number of folds of the cross-validation.
    pub folds: FoldCount,
    /// Whether weak candidates are dropped early, by successive halving.
    pub halving: bool,
    /// How each fit is trained, except for its candidate's values. Its seed draws the candidates and the folds, too.
    #[serde(with = "settings")]
    pub settings: Settings,
    /// The data to train and to score on, by a name that says which data it is.
    pub data: String,
}

/// In the description of a search, the seed stands among the values of the recipe.
mod settings {
    use ch11_core::train::{Recipe, Settings};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        recipe: Recipe,
        seed: u64,
    }

    pub fn serialize<S: Serializer>(&Settings { recipe, seed }: &Settings, serializer: S) -> Result<S::Ok, S::Error> {
        Flat { recipe, seed }.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Settings, D::Error> {
        let Flat { recipe, seed } = Flat::deserialize(deserializer)?;
        Ok(Settings { recipe, seed })
    }
}

fn candidates<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NonZeroUsize, D::Error> {
    let candidates = NonZeroUsize::deserialize(deserializer)?;
    let expected = || format!("candidates: {candidates}, expected at most {}", Search::MOST_CANDIDATES);
    Some(candidates).filter(|it| *it <= Search::MOST_CANDIDATES).ok_or_else(|| D::Error::custom(expected()))
}

/// One in this many candidates of a rung is promoted to the next rung, where it is trained for this many times as many
/// epochs.
const HALVING_FACTOR: usize = 3;
/// The most epochs in the first rung of successive halving.
const FIRST_EPOCHS: usize = 2;
/// The number of rungs of successive halving; the last one has no limit of its own.
const RUNGS: u32 = 3;

impl Search {
    /// The most candidates that a search may have.
    pub const MOST_CANDIDATES: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

    /// Draws the candidates.
    pub fn candidates(&self) -> Vec<Candidate> {
        self.space.sample(self.candidates.get(), self.settings.seed)
    }

    /// Returns the most epochs of a fit in each rung. Without halving, there is one rung.
    ///
    /// [Successive halving](https://arxiv.org/abs/1502.07943) trains all candidates for a few epochs, the best third of
    /// them for three times as many, and so on; the last rung trains until early stopping. Each rung goes on from
    /// the one before.
    pub fn rungs(&self) -> Vec<NonZeroUsize> {
        let all = self.settings.recipe.epochs;
        let rungs = if self.halving { RUNGS } else { 1 };
        let limits = (1..rungs).map(|rung| FIRST_EPOCHS * HALVING_FACTOR.pow(rung - 1));
        let limited = limits.filter_map(NonZeroUsize::new).filter(|&limit| limit < all);
        limited.chain([all]).collect()
    }

    /// Returns how many of the candidates in a rung are promoted to the next.
    pub(super) fn promoted(candidates: usize) -> usize {
        candidates.div_ceil(HALVING_FACTOR)
    }

    /// Returns the number of trials in the whole search.
    pub fn trial_count(&self) -> usize {
        self.trials_by_rung().sum()
    }

    /// Returns the number of trials in each rung.
    pub(super) fn trials_by_rung(&self) -> impl Iterator<Item = usize> {
        let (all, folds) = (self.candidates().len(), self.folds.get());
        let candidates = successors(Some(all), |&candidates| Some(Self::promoted(candidates)));
        candidates.take(self.rungs().len()).map(move |candidates| candidates * folds)
    }

    /// Returns the number of the rung that a trial is in, from 1.
    pub fn rung_of(&self, trial: &Trial) -> Option<usize> {
        self.rungs().iter().position(|&epochs| epochs == trial.epochs).map(|index| index + 1)
    }

    /// Lists what has to be the same to continue the search `begun`: its name, its value there, and its value here.
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
            pair("--epochs", &|search| search.settings.recipe.epochs.to_string()),
            pair("--patience", &|search| search.settings.recipe.patience.to_string()),
            pair("--optimizer", &|search| search.settings.recipe.algorithm.to_string()),
            pair("--decay", &|search| search.settings.recipe.schedule.to_string()),
            pair("--l2", &|search| search.settings.recipe.l2.to_string()),
        ]
    }
}
