//! Rows of results as a table of text.

use ch11_core::text::align;

use super::samples::number;
use super::{Row, Samples, percent};

/// A line of a table.
pub(super) struct Line {
    pub(super) cells: [String; 9],
    pub(super) is_reference: bool,
}

pub(super) const HEADINGS: [&str; 9] =
    ["", "", "accuracy", "precision", "loss", "epochs", "best", "seconds", "ms/epoch"];

/// Writes rows of results, the reference notebook's accuracy below those that have it.
pub(super) fn lines(rows: &[Row]) -> Vec<Line> {
    let both = |row: &Row| [Some(line(row)), row.notebook.map(|accuracy| reference(&row.part, accuracy))];
    rows.iter().flat_map(both).flatten().collect()
}

/// Writes the table as text.
pub(super) fn text(rows: &[Row]) -> String {
    let headings = HEADINGS.map(str::to_owned);
    let lines = lines(rows).into_iter().map(|line| line.cells);
    align(std::iter::once(headings).chain(lines), 2)
}

fn line(row: &Row) -> Line {
    let cells = [
        row.part.clone(),
        row.name.clone(),
        percent(&row.samples(|run| run.test_accuracy)),
        percent(&row.samples(|run| run.test_precision)),
        number(&row.samples(|run| run.test_loss), 4),
        number(&row.samples(|run| run.epochs as f64), 0),
        number(&row.samples(|run| run.best_epoch as f64), 0),
        time(row.times(|run| run.seconds)),
        time(row.times(|run| Some(1000.0 * run.epoch_seconds?))),
    ];
    Line { cells, is_reference: false }
}

fn reference(part: &str, accuracy: f64) -> Line {
    let accuracy = percent(&Samples { values: vec![accuracy] });
    let cells = [part, "reference notebook, MNIST", &accuracy, "-", "-", "-", "-", "-", "-"].map(str::to_owned);
    Line { cells, is_reference: true }
}

/// Writes a time, `-` if it is not known.
fn time(figure: Option<Samples>) -> String {
    figure.map_or("-".to_owned(), |figure| number(&figure, 2))
}
