//! Accuracy against the number of labels.

use ch11_core::text::align;
use serde_json::{Map, Value};

use super::{Axis, Cell, Findings, Plot, Row, Series, Style, percent};

/// What several networks get right, trained from one number of labels and from others.
#[derive(Debug, Clone)]
pub struct LabelCurve {
    /// What is counted: `labels per digit`.
    unit: String,
    /// Each number, with the rows from it.
    steps: Vec<(usize, Vec<Row>)>,
}

impl LabelCurve {
    /// Begins a curve; `unit` says what is counted: `labels per digit`.
    pub fn new(unit: &str) -> Self {
        Self { unit: unit.to_owned(), steps: Vec::new() }
    }

    /// Adds the rows from a number of labels: each time the same rows, in the same order, and larger numbers after smaller ones.
    #[must_use]
    pub fn step(mut self, labels: usize, rows: impl IntoIterator<Item = Row>) -> Self {
        self.steps.push((labels, rows.into_iter().collect()));
        self
    }

    /// Returns each number of labels, with its rows.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &[Row])> {
        self.steps.iter().map(|(labels, rows)| (*labels, rows.as_slice()))
    }

    /// Writes headings, and a line per number of labels.
    fn table(&self) -> Vec<Vec<String>> {
        let headings = std::iter::once(self.unit.clone()).chain(self.names().map(str::to_owned)).collect();
        let line = |(labels, rows): (usize, &[Row])| {
            let accuracies = rows.iter().map(|row| percent(&row.test_accuracy()));
            std::iter::once(labels.to_string()).chain(accuracies).collect()
        };
        std::iter::once(headings).chain(self.steps().map(line)).collect()
    }

    /// Draws a line per row through the means over the seeds, in a band of one standard deviation.
    fn plot(&self) -> Plot {
        let series = self.names().enumerate().flat_map(|(number, name)| {
            let at = |deviations: f64| -> Vec<(f64, f64)> {
                let point = |(labels, rows): (usize, &[Row])| {
                    let accuracy = rows.get(number)?.test_accuracy();
                    Some((labels as f64, 100.0 * (accuracy.mean() + deviations * accuracy.standard_deviation())))
                };
                self.steps().filter_map(point).collect()
            };
            [Series::band(name, &at(-1.0), &at(1.0)), Series::new(name, at(0.0), Style::Line)]
                .map(|it| it.coloured(number))
        });
        Plot { x: Axis::logarithmic(&self.unit), y: Axis::linear("test accuracy %"), series: series.collect() }
    }

    fn note(&self) -> &'static str {
        let is_one_seed = self.steps.iter().flat_map(|(_, rows)| rows).all(|row| row.results.len() == 1);
        if is_one_seed { "From one seed." } else { "Lines are means over the seeds, bands one standard deviation." }
    }

    /// Writes the rows that have a key, by their number of labels.
    fn to_json(&self) -> Value {
        let of_rows = |rows: &[Row]| rows.iter().filter_map(|row| Some((row.key?.to_owned(), row.to_json()))).collect();
        self.steps().map(|(labels, rows)| (labels.to_string(), of_rows(rows))).collect::<Map<_, _>>().into()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().take(1).flat_map(|(_, rows)| rows.iter().map(|row| row.name.as_str()))
    }
}

impl Findings {
    /// Adds a curve: a table to the text, that and a plot to the page, and to JSON a member like `labels_per_digit`.
    #[must_use]
    pub fn label_curve(self, curve: &LabelCurve) -> Self {
        let mut lines = curve.table();
        let text = align(lines.iter(), 0);
        let headings = lines.remove(0);
        let cells = lines.iter().map(|line| line.iter().map(Cell::text).collect()).collect();
        self.remark(text)
            .plots(curve.note(), vec![curve.plot()])
            .sortable(headings, cells, &format!("Test accuracy, by {}.", curve.unit))
            .value(&curve.unit.replace(' ', "_"), curve.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::verdict::comparison;

    /// Two networks, each from two seeds, from one label of each digit and from a thousand.
    fn curve() -> LabelCurve {
        let rows = |first: [f64; 2], second: [f64; 2]| {
            let two = comparison(&first, &second);
            let first = Row { name: "first".to_owned(), key: Some("a"), ..two.before };
            [first, Row { name: "second".to_owned(), ..two.after }]
        };
        LabelCurve::new("labels per digit")
            .step(1, rows([0.5, 0.7], [0.1, 0.1]))
            .step(1000, rows([0.9, 0.9], [0.75, 0.85]))
    }

    #[test]
    fn text_has_a_line_per_number_of_labels_and_json_a_member() {
        let findings = Findings::new("10e", "Labels").label_curve(&curve());
        let text = [
            "labels per digit            first          second",
            "               1  60.00 ± 14.14 %  10.00 ± 0.00 %",
            "            1000   90.00 ± 0.00 %  80.00 ± 7.07 %",
        ];
        assert_eq!(findings.to_text(), text.join("\n"));
        let json = findings.to_json();
        assert_eq!(json["labels_per_digit"]["1"]["a"]["test_accuracy"]["mean"], serde_json::json!(0.6));
        assert_eq!(json["labels_per_digit"]["1000"].as_object().map(Map::len), Some(1), "a row without a key");
    }

    #[test]
    fn a_line_goes_through_the_means_and_a_band_is_a_standard_deviation_to_either_side() {
        let plot = curve().plot();
        assert_eq!(plot.series.iter().map(|it| it.style).collect::<Vec<_>>(), [Style::Band, Style::Line].repeat(2));
        let [band, line] = [2, 3].map(|number| &plot.series[number]);
        assert_eq!((line.name.as_str(), line.colour), ("second", 1));
        let deviation = 100.0 * 0.1 / 2.0_f64.sqrt();
        let expected = [(1.0, 10.0), (1000.0, 80.0 - deviation), (1000.0, 80.0 + deviation), (1.0, 10.0)];
        for ((x, y), (expected_x, expected_y)) in band.points.iter().zip(expected) {
            assert!((x - expected_x).abs() < 1e-9 && (y - expected_y).abs() < 1e-9, "{:?}", band.points);
        }
        assert_eq!(line.points.iter().map(|point| point.0).collect::<Vec<_>>(), [1.0, 1000.0]);
    }
}
