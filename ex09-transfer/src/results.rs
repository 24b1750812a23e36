//! The closing table, and what follows from it.

use ch11_core::cli::Session;
use ch11_core::report::{ResultRow, Samples, Table, compare};

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
                Some(compare(what, &self.accuracy(before)?, &self.accuracy(after)?, test_images))
            })
            .collect()
    }

    fn accuracy(&self, (part, what): &(&str, &str)) -> Option<Samples> {
        let (.., row, _) = self.rows.iter().find(|(row_part, row_what, ..)| row_part == part && row_what == what)?;
        Some(row.samples(|run| run.test_accuracy))
    }
}
