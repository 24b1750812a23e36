//! The closing table, and what follows from it.

use ch11_core::cli::Session;
use ch11_core::report::{ResultRow, Samples, Table, percent};

/// The rows of all parts that were run.
#[derive(Debug, Default)]
pub struct Closing {
    rows: Vec<(&'static str, &'static str, ResultRow, Option<f64>)>,
    sentences: Vec<String>,
}

impl Closing {
    /// Adds a part's row and, where the reference notebook has it, its accuracy there.
    pub fn add(&mut self, part: &'static str, what: &'static str, row: ResultRow, notebook: Option<f64>) {
        self.rows.push((part, what, row, notebook));
    }

    /// Adds a sentence below the table.
    pub fn say(&mut self, sentence: String) {
        self.sentences.push(sentence);
    }

    /// Prints the table and a verdict on each part, from the numbers of this very run.
    pub fn print(&self, session: &Session) {
        let mut table = Table::default();
        for (part, what, row, notebook) in &self.rows {
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
                Some(verdict(what, &self.accuracy(before)?, &self.accuracy(after)?, test_images))
            })
            .collect()
    }

    fn accuracy(&self, (part, what): &(&str, &str)) -> Option<Samples> {
        let (.., row, _) = self.rows.iter().find(|(row_part, row_what, ..)| row_part == part && row_what == what)?;
        Some(row.samples(|run| run.test_accuracy))
    }
}

/// Compares two accuracies, seed by seed: both rows have the same pretrained networks. A mean difference within twice its standard
/// error is called none; with a single seed that is the error of counting correct ones among `test_images`.
fn verdict(what: &str, before: &Samples, after: &Samples, test_images: usize) -> String {
    let differences: Vec<f64> = after.values.iter().zip(&before.values).map(|(after, before)| after - before).collect();
    let differences = Samples { values: differences };
    let variance_of_count = |accuracy: f64| accuracy * (1.0 - accuracy) / test_images as f64;
    let standard_error = match differences.values.len() {
        1 => (variance_of_count(before.mean()) + variance_of_count(after.mean())).sqrt(),
        seeds => differences.standard_deviation() / (seeds as f64).sqrt(),
    };
    let verb = match differences.mean() {
        difference if difference.abs() <= 2.0 * standard_error => "makes no clear difference",
        gain if gain > 0.0 => "helps",
        _ => "hurts",
    };
    let seeds = if before.values.len() == 1 { ", by a single seed" } else { "" };
    format!("{what} {verb}: {} against {}{seeds}.", percent(after), percent(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Samples {
        Samples { values: values.to_vec() }
    }

    #[test]
    fn verdicts_follow_from_the_numbers() {
        let (low, high) = (samples(&[0.80, 0.82, 0.81]), samples(&[0.90, 0.91, 0.92]));
        assert!(verdict("it", &low, &high, 100).starts_with("it helps: 91.00 ± 1.00 % against 81.00"));
        assert!(verdict("it", &high, &low, 100).starts_with("it hurts"));
        assert!(verdict("it", &low, &samples(&[0.79, 0.85, 0.80]), 100).starts_with("it makes no clear difference"));
        let one_seed = |after: f64| verdict("it", &samples(&[0.5]), &samples(&[after]), 1000);
        assert_eq!(one_seed(0.6), "it helps: 60.00 % against 50.00 %, by a single seed.");
        // Of 1,000 images each, twice the error is 4.5 points.
        assert!(one_seed(0.54).starts_with("it makes no clear difference"));
    }
}
