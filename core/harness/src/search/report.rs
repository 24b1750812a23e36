//! A ranking in a report.

use super::ranking::headings;
use super::{Candidate, Ranked, Ranking};
use ch11_core::text::thousands;

use crate::report::{Axis, Cell, Findings, Plot, Samples, Series, Style};

/// The most candidates that a report shows.
const MOST_SHOWN: usize = 500;

/// Sorts a candidate that diverged after all others by loss.
const WORSE_THAN_ANY: f64 = 1e9;

/// The most values of a hyper-parameter that are labelled one by one along an axis; more of them are placed on a scale.
const MOST_NAMES: usize = 7;

impl Ranking {
    /// Adds the best 500 candidates to findings: as a table that can be sorted, and as plots of accuracy against each
    /// hyper-parameter that varies.
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
        let rows: Vec<Vec<Cell>> = self.rows().iter().take(MOST_SHOWN).enumerate().map(row).collect();
        let note = match self.rows().len() {
            candidates if candidates > MOST_SHOWN => {
                format!("These are the best {MOST_SHOWN} of {} candidates.", thousands(candidates))
            }
            _ => String::new(),
        };
        let findings = findings.sortable(headings(&columns), rows, &note);
        let plots: Vec<Plot> = columns.iter().map(|&column| self.against(column)).collect();
        if plots.is_empty() {
            return findings; // One candidate, or all alike.
        }
        findings.plots("Accuracy on the held-out folds against each hyper-parameter, a dot per candidate.", plots)
    }

    /// Plots the mean accuracy of each candidate against one hyper-parameter.
    fn against(&self, column: usize) -> Plot {
        let name = Candidate::NAMES[column].replace('_', " ");
        let scored: Vec<(String, f64)> = self
            .rows()
            .iter()
            .take(MOST_SHOWN)
            .filter_map(|row| Some((row.candidate.values()[column].clone(), 100.0 * row.accuracies()?.mean())))
            .collect();
        let mut names: Vec<String> = scored.iter().map(|(value, _)| value.clone()).collect();
        names.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        });
        names.dedup();
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
}
