//! Which candidate is best.

use std::cmp::Ordering;
use std::num::NonZeroUsize;

use super::{Candidate, Outcome, Record, Records, Search};
use ch11_core::text::align;

use crate::report::Samples;

/// The candidates of a search, best first.
///
/// A candidate that diverged on any fold comes after all that did not, and one that was dropped early after those that
/// were trained for longer. Among the rest, the higher mean accuracy on the held-out folds wins, then the lower mean
/// loss there.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking(Vec<Ranked>);

/// A candidate and how its trials ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The candidate's number, from 0.
    pub number: usize,
    /// The candidate.
    pub candidate: Candidate,
    /// Its trials in the last rung that it reached, one per fold.
    pub records: Vec<Record>,
}

impl Ranked {
    /// Returns the accuracies on the held-out folds; `None` if it diverged on any.
    pub fn accuracies(&self) -> Option<Samples> {
        self.scores(|outcome| match outcome {
            Outcome::Scored { accuracy, .. } => Some(accuracy.get()),
            Outcome::Diverged { .. } => None,
        })
    }

    /// Returns the mean cross-entropies on the held-out folds; `None` if it diverged on any.
    pub fn losses(&self) -> Option<Samples> {
        self.scores(|outcome| match outcome {
            Outcome::Scored { loss, .. } => Some(loss.get()),
            Outcome::Diverged { .. } => None,
        })
    }

    fn scores(&self, score: impl Fn(&Outcome) -> Option<f64>) -> Option<Samples> {
        let values = self.records.iter().map(|record| score(&record.outcome)).collect::<Option<Vec<_>>>()?;
        Some(Samples { values })
    }

    /// Returns how long its trials took together, in seconds.
    pub fn seconds(&self) -> f64 {
        self.records.iter().map(|record| record.seconds.get()).sum()
    }

    /// Returns the first fold, from 0, that it diverged on, and the epoch, if it did.
    pub(super) fn divergence(&self) -> Option<(usize, usize)> {
        self.records.iter().find_map(|record| match record.outcome {
            Outcome::Diverged { epoch } => Some((record.trial.fold, epoch)),
            Outcome::Scored { .. } => None,
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let epochs = |row: &Self| row.records.first().map(|record| record.trial.epochs);
        let mean = |scores: Option<Samples>, worst: f64| scores.map_or(worst, |scores| scores.mean());
        let diverged = |row: &Self| row.divergence().is_some();
        diverged(self)
            .cmp(&diverged(other))
            .then_with(|| epochs(other).cmp(&epochs(self)))
            .then_with(|| mean(other.accuracies(), 0.0).total_cmp(&mean(self.accuracies(), 0.0)))
            .then_with(|| mean(self.losses(), f64::MAX).total_cmp(&mean(other.losses(), f64::MAX)))
            .then_with(|| self.number.cmp(&other.number))
    }
}

impl Ranking {
    /// Ranks all candidates that were tried on every fold, each by the last rung that it completed.
    pub fn new(search: &Search, records: &Records) -> Self {
        let rungs = search.rungs();
        let last_rung = |number| rungs.iter().rev().find_map(|&epochs| records.all_folds(number, epochs, search.folds));
        Self::of(search, (0..search.candidates().len()).filter_map(|number| Some((number, last_rung(number)?))))
    }

    /// Ranks these candidates by a rung that all of them have completed.
    pub(super) fn of_rung(search: &Search, records: &Records, candidates: &[usize], epochs: NonZeroUsize) -> Self {
        let tried = |&number: &usize| Some((number, records.all_folds(number, epochs, search.folds)?));
        Self::of(search, candidates.iter().filter_map(tried))
    }

    fn of(search: &Search, tried: impl Iterator<Item = (usize, Vec<Record>)>) -> Self {
        let candidates = search.candidates();
        let row = |(number, records)| Ranked { number, candidate: candidates[number], records };
        let mut rows: Vec<Ranked> = tried.map(row).collect();
        rows.sort_by(Ranked::compare);
        Self(rows)
    }

    /// Returns the candidates, best first.
    pub fn rows(&self) -> &[Ranked] {
        &self.0
    }

    /// Returns the best candidate; `None` if all diverged or none has been tried.
    pub fn best(&self) -> Option<&Ranked> {
        self.0.first().filter(|row| row.divergence().is_none())
    }

    /// Tells whether all candidates were trained for equally long, as they are without halving.
    pub(super) fn is_of_one_rung(&self) -> bool {
        let epochs = |row: &Ranked| row.records.first().map(|record| record.trial.epochs);
        self.0.windows(2).all(|two| epochs(&two[0]) == epochs(&two[1]))
    }

    /// Formats the best `count` candidates as a table. A hyper-parameter that has the same value in all candidates gets
    /// no column.
    pub fn table(&self, count: usize) -> String {
        let columns = self.columns();
        let mut lines = vec![headings(&columns)];
        for (index, row) in self.0.iter().take(count).enumerate() {
            let values = row.candidate.values();
            let own = columns.iter().map(|&column| values[column].clone());
            let rank = [(index + 1).to_string()];
            lines.push(rank.into_iter().chain(own).chain(row.score_cells()).collect());
        }
        align(&lines, 1)
    }

    /// Returns the hyper-parameters that differ between candidates, by their positions in [`Candidate::NAMES`].
    pub(super) fn columns(&self) -> Vec<usize> {
        let values: Vec<[String; 7]> = self.0.iter().map(|row| row.candidate.values()).collect();
        let varies = |column: &usize| values.iter().any(|row| row[*column] != values[0][*column]);
        (0..Candidate::NAMES.len()).filter(varies).collect()
    }
}

/// Returns the headings of a table of candidates.
pub(super) fn headings(columns: &[usize]) -> Vec<String> {
    let names = columns.iter().map(|&column| Candidate::NAMES[column].replace('_', " "));
    let scores = ["accuracy", "loss", "seconds"].map(str::to_owned);
    ["rank".to_owned()].into_iter().chain(names).chain(scores).collect()
}

impl Ranked {
    /// Formats accuracy, loss and seconds for a table.
    pub(super) fn score_cells(&self) -> [String; 3] {
        let seconds = format!("{:.1}", self.seconds());
        match (self.accuracies(), self.losses(), self.divergence()) {
            (Some(accuracies), Some(losses), None) => [
                crate::report::percent(&accuracies),
                format!("{:.4} ± {:.4}", losses.mean(), losses.standard_deviation()),
                seconds,
            ],
            (_, _, divergence) => {
                let (fold, epoch) = divergence.unwrap_or_default();
                [format!("diverged at epoch {epoch} of fold {}", fold + 1), "-".to_owned(), seconds]
            }
        }
    }
}
