//! A ranking in a report.

use super::ranking::headings;
use super::{Candidate, Influence, Ranked, Ranking};
use ch11_core::text::thousands;
use serde_json::{Map, Value};

use crate::report::{AcrossAxes, Axis, Cell, Findings, Parallel, Plot, Samples, Series, Style, UprightAxis};

/// The most candidates that a report shows.
const MOST_SHOWN: usize = 500;

/// Sorts a candidate that diverged after all others by loss.
const WORSE_THAN_ANY: f64 = 1e9;

/// The most values of a hyper-parameter that are labelled one by one along an axis; more of them are placed on a scale.
const MOST_NAMES: usize = 7;

/// What the pictures show.
const AGAINST_EACH: &str = "Accuracy on the held-out folds against each hyper-parameter, a dot per candidate.";
const BEST_SO_FAR: &str = "Accuracy on the held-out folds in the order in which candidates were drawn, and the best so far: where its line is \
                           flat, further candidates were no better.";
const PARALLEL: &str = "Each line is a candidate, and the stronger it is, the higher the accuracy on the held-out folds, which the last axis shows.";

impl Ranking {
    /// Adds the best 500 candidates to findings: as a table that can be sorted, as lines through an axis for each
    /// hyper-parameter that varies, as plots of accuracy against each of these, and the best so far. Says what each of
    /// them explains.
    pub fn show(&self, findings: Findings) -> Findings {
        let columns = self.columns();
        let row = |(index, row): (usize, &Ranked)| -> Vec<Cell> {
            let values = row.candidate.values();
            let rank = [Cell::text((index + 1).to_string())];
            let own = columns.iter().map(|&column| Cell::text(values[column].clone()));
            let [accuracy, loss, seconds] = row.score_cells();
            // Those that diverged are sorted after all others.
            let key = |scores: Option<Samples>, worst: f64| scores.map_or(worst, |scores| scores.mean());
            let scores = [
                Cell::number(accuracy, key(row.accuracies(), -1.0)),
                Cell::number(loss, key(row.losses(), WORSE_THAN_ANY)),
                Cell::text(seconds),
            ];
            rank.into_iter().chain(own).chain(scores).collect()
        };
        let rows: Vec<Vec<Cell>> = self.shown().enumerate().map(row).collect();
        let note = match self.rows().len() {
            candidates if candidates > MOST_SHOWN => {
                format!("These are the best {MOST_SHOWN} of {} candidates.", thousands(candidates))
            }
            _ => String::new(),
        };
        let explained = self.influences().into_iter().map(|Influence { name, share }| (name.to_owned(), share.into()));
        let findings = findings
            .say_each(self.influences_in_words())
            .value("variance_explained", Value::Object(explained.collect::<Map<_, _>>()))
            .sortable(headings(&columns), rows, &note);
        if columns.is_empty() {
            return findings; // One candidate, or all alike.
        }
        let plots = columns.iter().map(|&column| self.against(column)).collect();
        let findings = findings.parallel(PARALLEL, self.parallel(&columns)).plots(AGAINST_EACH, plots);
        if self.is_of_one_rung() { findings.plots(BEST_SO_FAR, vec![self.best_so_far()]) } else { findings }
    }

    fn shown(&self) -> impl Iterator<Item = &Ranked> {
        self.rows().iter().take(MOST_SHOWN)
    }

    /// Plots the mean accuracy of each candidate against one hyper-parameter.
    fn against(&self, column: usize) -> Plot {
        let name = name_of(column);
        let scored: Vec<(String, f64)> = self
            .shown()
            .filter_map(|row| Some((row.candidate.values()[column].clone(), 100.0 * row.accuracies()?.mean())))
            .collect();
        let names = in_order(scored.iter().map(|(value, _)| value.clone()).collect());
        let numbers: Option<Vec<(f64, f64)>> =
            scored.iter().map(|(value, accuracy)| Some((value.parse().ok()?, *accuracy))).collect();
        let (x, points) = match numbers {
            Some(numbers) if names.len() > MOST_NAMES => {
                let positive = numbers.iter().all(|&(value, _)| value > 0.0);
                (if positive { Axis::logarithmic(&name) } else { Axis::linear(&name) }, numbers)
            }
            _ => {
                let place = |value: &String| names.iter().position(|name| name == value).unwrap_or(0) as f64;
                let points = scored.iter().map(|(value, accuracy)| (place(value), *accuracy)).collect();
                (Axis::of_names(&name, names), points)
            }
        };
        Plot { x, y: Axis::linear("accuracy %"), series: vec![Series::new("candidate", points, Style::Dots)] }
    }

    /// Plots the accuracies of candidates, and the best so far, against the number of fits in the order of the draw.
    fn best_so_far(&self) -> Plot {
        let point = |row: &Ranked| {
            let fits = (row.number + 1) * row.records.len();
            Some((fits as f64, 100.0 * row.accuracies()?.mean()))
        };
        let mut all: Vec<(f64, f64)> = self.rows().iter().filter_map(point).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best = f64::NEG_INFINITY;
        let steps = all.iter().flat_map(|&(fits, accuracy)| {
            let before = best;
            best = best.max(accuracy);
            [(fits, before), (fits, best)].into_iter().filter(|(_, it)| it.is_finite())
        });
        let line = Series::new("best so far", steps.collect(), Style::Line).coloured(1);
        let dots = Series::new("candidate", self.shown().filter_map(point).collect(), Style::Dots);
        Plot { x: Axis::linear("fits"), y: Axis::linear("accuracy %"), series: vec![dots, line] }
    }

    /// Draws each candidate that came through as a line through its values to its accuracy, the best last.
    fn parallel(&self, columns: &[usize]) -> Parallel {
        let rows: Vec<&Ranked> = self.shown().filter(|row| row.accuracies().is_some()).collect();
        let accuracy = |row: &Ranked| 100.0 * row.accuracies().map_or(0.0, |it| it.mean());
        let along = Axis::linear("accuracy %");
        let range = along.range(rows.iter().map(|row| accuracy(row)));
        let values: Vec<Vec<String>> = columns
            .iter()
            .map(|&column| in_order(rows.iter().map(|row| row.candidate.values()[column].clone()).collect()))
            .collect();
        // One value alone is in the middle.
        let place = |index: usize, count: usize| if count > 1 { index as f64 / (count - 1) as f64 } else { 0.5 };
        let own = columns.iter().zip(&values).map(|(&column, values)| {
            let labels = values.iter().enumerate().map(|(index, value)| (place(index, values.len()), value.clone()));
            UprightAxis { name: name_of(column), labels: labels.collect() }
        });
        let last = UprightAxis { name: "accuracy %".to_owned(), labels: along.few_labels(range.clone()) };
        let line = |(rank, row): (usize, &&Ranked)| {
            let position = |(column, values): (&usize, &Vec<String>)| {
                let own = &row.candidate.values()[*column];
                place(values.iter().position(|value| value == own).unwrap_or(0), values.len())
            };
            let height = (accuracy(row) - range.start) / (range.end - range.start);
            let places = columns.iter().zip(&values).map(position).chain([height]).collect();
            let name = format!("Rank {}: {}, {:.2} %", rank + 1, row.candidate, accuracy(row));
            AcrossAxes { name, places, strength: 1.0 - rank as f64 / rows.len() as f64 }
        };
        Parallel { axes: own.chain([last]).collect(), lines: rows.iter().enumerate().rev().map(line).collect() }
    }
}

fn name_of(column: usize) -> String {
    Candidate::NAMES[column].replace('_', " ")
}

/// Sorts values, numbers by their size, and leaves out those that come twice.
fn in_order(mut values: Vec<String>) -> Vec<String> {
    values.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    values.dedup();
    values
}
