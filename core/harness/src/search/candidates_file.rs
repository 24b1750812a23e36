//! All candidates of a search, as a file for other programs.

use std::io;

use super::{Candidate, Outcome, Ranked, Ranking, Record};
use crate::report::Samples;

impl Ranking {
    /// Writes all candidates as comma-separated values, below a line of headings. Where a candidate diverged, its scores
    /// are empty.
    ///
    /// # Errors
    /// If `writer` fails.
    pub fn write_csv(&self, writer: impl io::Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(writer);
        let folds = self.rows().first().map_or(0, |row| row.records.len());
        csv.write_record(headings(folds))?;
        for (index, row) in self.rows().iter().enumerate() {
            csv.write_record(cells(index + 1, row))?;
        }
        csv.flush()
    }
}

fn headings(folds: usize) -> Vec<String> {
    let names = ["rank", "candidate"].into_iter().chain(Candidate::NAMES).map(str::to_owned);
    let scores = ["accuracy", "loss"].into_iter().flat_map(|score| {
        let statistics = ["mean", "std"].map(|statistic| format!("{score}_{statistic}"));
        statistics.into_iter().chain((1..=folds).map(move |fold| format!("{score}_fold_{fold}")))
    });
    let rest = ["epochs_allowed", "diverged_at_epoch", "seconds"].map(str::to_owned);
    names.chain(scores).chain(rest).collect()
}

fn cells(rank: usize, row: &Ranked) -> Vec<String> {
    let first = [rank.to_string(), row.number.to_string()];
    let scores = [(row.accuracies(), accuracy as fn(&Record) -> Option<f64>), (row.losses(), loss)];
    let scores = scores.into_iter().flat_map(|(samples, score)| {
        let statistics = [samples.as_ref().map(Samples::mean), samples.as_ref().map(Samples::standard_deviation)];
        statistics.into_iter().chain(row.records.iter().map(score)).map(optional)
    });
    let rest = [
        optional(row.records.first().map(|record| record.trial.epochs)),
        optional(row.divergence().map(|(_, epoch)| epoch)),
        row.seconds().to_string(),
    ];
    first.into_iter().chain(row.candidate.values()).chain(scores).chain(rest).collect()
}

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

fn accuracy(record: &Record) -> Option<f64> {
    if let Outcome::Scored { accuracy, .. } = record.outcome { Some(accuracy.get()) } else { None }
}

fn loss(record: &Record) -> Option<f64> {
    if let Outcome::Scored { loss, .. } = record.outcome { Some(loss.get()) } else { None }
}
