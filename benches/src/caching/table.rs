//! What caching is worth, as a table for a terminal and for Markdown.

use ch11_core::text::align;

use super::FIT_BATCH_SIZE;
use super::comparison::{Comparison, Comparisons, Timed};

const HEADINGS: [&str; 9] = [
    "frozen layers",
    "timed",
    "frozen, ms",
    "cached, ms",
    "times faster",
    "millions of multiply-adds",
    "times fewer",
    "they alone, cached",
    "steps alone, cached",
];

impl Comparisons {
    /// Writes the table with columns that are aligned by spaces.
    pub fn to_text(&self) -> String {
        let headings = HEADINGS.map(str::to_owned);
        align(std::iter::once(headings).chain(self.lines()), 2)
    }

    /// Writes the table as Markdown.
    pub fn to_markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = [&["---"; 2][..], &["---:"; 7]].concat().join(" | ");
        let lines: String = self.lines().iter().map(|cells| line(cells)).collect();
        format!("| {} |\n| {rule} |\n{lines}", HEADINGS.join(" | "))
    }

    fn lines(&self) -> Vec<[String; 9]> {
        self.rows.iter().map(|row| self.line(row)).collect()
    }

    fn line(&self, row: &Comparison) -> [String; 9] {
        let timed = match row.timed {
            Timed::Epoch { batch_size } => format!("an epoch, batch {batch_size}"),
            Timed::Fit { epochs } => format!("a fit of {epochs} epochs, batch {FIT_BATCH_SIZE}"),
        };
        let (frozen, cached, faster) = (row.frozen.median(), row.cached.median(), row.times_faster());
        let share = |nanoseconds: f64| format!("{:.0} %", 100.0 * nanoseconds / cached);
        let [frozen_work, cached_work] = [row.work.frozen, row.work.cached].map(|work| work as f64);
        [
            row.frozen_layers.to_string(),
            timed,
            three_digits(frozen / 1e6),
            three_digits(cached / 1e6),
            format!("{:.1} ({:.1} to {:.1})", faster.value, faster.low, faster.high),
            format!("{}, {}", three_digits(frozen_work / 1e6), three_digits(cached_work / 1e6)),
            format!("{:.1}", row.work.times_fewer()),
            share(cached_work * self.multiply_add),
            self.step(row.frozen_layers).map_or("-".to_owned(), |step| share(step * row.steps as f64)),
        ]
    }
}

/// Writes a number above 0 in three digits, or as many as it has before its point: `0.0941`, `25.8`, `1270`.
fn three_digits(number: f64) -> String {
    let after_the_point = (2.0 - number.log10().floor()).max(0.0);
    format!("{number:.*}", after_the_point as usize)
}

#[cfg(test)]
mod tests {
    use super::super::comparison::tests::made_up;
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.094_12, 25.83, 124.7, 1270.4].map(three_digits), ["0.0941", "25.8", "125", "1270"]);
    }

    #[test]
    fn a_row_says_how_much_faster_and_why() {
        let (text, markdown) = (made_up().to_text(), made_up().to_markdown());
        let row = "| 5 | an epoch, batch 10 | 0.600 | 0.100 | 6.0 (6.0 to 6.0) | 25.5, 0.500 | 51.0 | 10 % | 40 % |";
        assert!(markdown.lines().any(|line| line == row), "{markdown}");
        assert_eq!(text.lines().count(), 9, "{text}");
        assert_eq!(markdown.lines().count(), 10, "{markdown}");
    }
}
