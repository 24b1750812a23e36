//! Tables of fixed-width rows.

use std::fmt;

use ch11_core::text::align;

use super::{ResultRow, Samples};

/// A table of results, each row under the exercise's number, the reference notebook's beside ours.
#[derive(Debug, Clone, Default)]
pub struct Table {
    lines: Vec<Line>,
}

/// A line of a table.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) cells: [String; 9],
    pub(super) is_reference: bool,
}

pub(super) const HEADINGS: [&str; 9] =
    ["", "", "accuracy", "precision", "loss", "epochs", "best", "seconds", "ms/epoch"];

impl Table {
    /// Adds a row of our results for part `exercise`, such as `8b`.
    pub fn add(&mut self, exercise: &str, what: &str, row: &ResultRow) {
        let cells = [
            exercise.to_owned(),
            what.to_owned(),
            percent(&row.samples(|run| run.test_accuracy)),
            percent(&row.samples(|run| run.test_precision)),
            number(&row.samples(|run| run.test_loss), 4),
            number(&row.samples(|run| run.epochs as f64), 0),
            number(&row.samples(|run| run.best_epoch as f64), 0),
            time(row.times(|run| run.seconds)),
            time(row.times(|run| Some(1000.0 * run.epoch_seconds?))),
        ];
        self.lines.push(Line { cells, is_reference: false });
    }

    /// Adds the accuracy that the reference notebook got in the same part, a fraction. It is always MNIST's.
    pub fn add_reference(&mut self, exercise: &str, accuracy: f64) {
        let accuracy = percent(&Samples { values: vec![accuracy] });
        let mut cells = [exercise, "reference notebook, MNIST", &accuracy, "", "", "", "", "", ""].map(str::to_owned);
        for cell in &mut cells[3..] {
            "-".clone_into(cell);
        }
        self.lines.push(Line { cells, is_reference: true });
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headings = HEADINGS.map(str::to_owned);
        f.write_str(&align(std::iter::once(&headings).chain(self.lines.iter().map(|line| &line.cells)), 2))
    }
}

/// Writes a fraction in percent, with its standard deviation if there are several seeds: `99.28 %`, `99.28 ± 0.14 %`.
pub fn percent(fraction: &Samples) -> String {
    let hundredfold = Samples { values: fraction.values.iter().map(|value| 100.0 * value).collect() };
    format!("{} %", number(&hundredfold, 2))
}

/// Writes a time, `-` if it is not known.
fn time(figure: Option<Samples>) -> String {
    figure.map_or("-".to_owned(), |figure| number(&figure, 2))
}

/// Writes a number with its standard deviation if there are several seeds.
fn number(figure: &Samples, decimals: usize) -> String {
    match figure.values.len() {
        1 => format!("{:.decimals$}", figure.mean()),
        _ => format!("{:.decimals$} ± {:.decimals$}", figure.mean(), figure.standard_deviation()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_as_people_do() {
        assert_eq!(percent(&Samples { values: vec![0.99284] }), "99.28 %");
        assert_eq!(percent(&Samples { values: vec![0.99, 1.0] }), "99.50 ± 0.71 %");
    }
}
