//! The closing table, and what follows from it.

use ch11_harness::cli::Session;
use ch11_harness::report::{Axis, Curve, Plot, ResultRow, Samples, Section, Series, Style, Table, compare};

/// The rows of all parts that were run.
#[derive(Debug, Default)]
pub struct Closing {
    rows: Vec<Row>,
    sentences: Vec<String>,
    sections: Vec<Section>,
}

/// A row of the closing table.
#[derive(Debug)]
struct Row {
    part: &'static str,
    what: &'static str,
    /// The fit that it is of.
    stage: &'static str,
    row: ResultRow,
    /// The reference notebook's accuracy, if it has one.
    notebook: Option<f64>,
}

impl Closing {
    /// Adds a part's row, of the fit `stage`, and, where the reference notebook has it, its accuracy there.
    pub fn add(
        &mut self,
        (part, what): (&'static str, &'static str),
        stage: &'static str,
        row: ResultRow,
        notebook: Option<f64>,
    ) {
        self.rows.push(Row { part, what, stage, row, notebook });
    }

    /// Adds a section of the report, to come after the table.
    pub fn show(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// Adds a sentence below the table.
    pub fn say(&mut self, sentence: String) {
        self.sentences.push(sentence);
    }

    /// Prints the table and a verdict on each part, from the numbers of this very run.
    pub fn print(self, session: &mut Session) {
        if self.rows.is_empty() {
            return;
        }
        let mut table = Table::default();
        for Row { part, what, row, notebook, .. } in &self.rows {
            table.add(part, what, row);
            if let Some(accuracy) = notebook {
                table.add_reference(part, *accuracy);
            }
        }
        session.print(format_args!("\n{table}\n"));
        let mut sentences: Vec<String> =
            self.sentences.iter().cloned().chain(self.verdicts(session.digits.test.len())).collect();
        sentences.sort_by_key(|sentence| sentence.split(':').next().map(str::to_owned));
        sentences.iter().for_each(|sentence| session.print(sentence));

        let section = sentences.iter().fold(Section::new("9. All rows").table(&table), Section::say);
        session
            .report
            .add(section.plots("Time of the whole fit against test accuracy.", &[self.time_against_accuracy()]));
        for (title, is_part_f) in [("9. Learning curves", false), ("9f. Learning curves", true)] {
            let rows = self.rows.iter().filter(|row| (row.part == "9f") == is_part_f);
            let curves: Vec<Curve> = rows.filter_map(|row| session.curve(row.stage, row.what)).collect();
            if !curves.is_empty() {
                session.report.add(Section::new(title).curves(&curves));
            }
        }
        self.sections.into_iter().for_each(|section| session.report.add(section));
    }

    /// Plots a dot per row whose time is known, in a colour for what was trained.
    fn time_against_accuracy(&self) -> Plot {
        let mut names: Vec<&str> = Vec::new();
        let mut series = Vec::new();
        for Row { part, what, row, .. } in &self.rows {
            if !names.contains(what) {
                names.push(what);
            }
            let colour = names.iter().position(|name| name == what).unwrap_or(0);
            let Some(seconds) = row.times(|run| run.seconds) else { continue };
            let accuracy = row.samples(|run| run.test_accuracy);
            let dot = Series::new(what, vec![(seconds.mean(), 100.0 * accuracy.mean())], Style::Dots);
            series.push(dot.labelled(part).coloured(colour));
        }
        Plot { x: Axis::logarithmic("seconds"), y: Axis::linear("test accuracy %"), series }
    }

    fn verdicts(&self, test_images: usize) -> Vec<String> {
        let pairs = [
            (("9b", "five frozen"), ("9d", "four frozen"), "9d: to reuse four hidden layers in place of five"),
            (("9d", "four frozen"), ("9e", "top two unfrozen"), "9e: to unfreeze the top two"),
            (("9e", "top two unfrozen"), ("9e", "all unfrozen"), "9e: to unfreeze all"),
            (("9e", "from scratch"), ("9e", "all unfrozen"), "9e: transfer, beside the same network from scratch,"),
            (("9b", "five frozen"), ("9f", "five frozen"), "9f: pretraining to transfer, under five frozen layers,"),
            (("9d", "four frozen"), ("9f", "four frozen"), "9f: the same, under four,"),
            (("9e", "top two unfrozen"), ("9f", "top two unfrozen"), "9f: the same, with the top two unfrozen,"),
            (("9e", "all unfrozen"), ("9f", "all unfrozen"), "9f: the same, with all unfrozen,"),
        ];
        pairs
            .iter()
            .filter_map(|(before, after, what)| {
                Some(compare(what, &self.accuracy(before)?, &self.accuracy(after)?, test_images))
            })
            .collect()
    }

    fn accuracy(&self, (part, what): &(&str, &str)) -> Option<Samples> {
        let Row { row, .. } = self.rows.iter().find(|row| row.part == *part && row.what == *what)?;
        Some(row.samples(|run| run.test_accuracy))
    }
}
