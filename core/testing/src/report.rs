//! A look at the page that a run leaves, and at the curves beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// More than a page may take.
const MOST_BYTES: usize = 3_000_000;

/// What a run folder's `report.html`, `curves.csv` and `curves.jsonl` hold.
pub struct Report {
    /// The page.
    pub html: String,
    /// The lines of `curves.jsonl`.
    pub epochs: Vec<Value>,
}

impl Report {
    /// Reads the files, and fails unless the page is whole, small, and loads nothing, and both files of curves say the same.
    #[track_caller]
    pub fn of(folder: &Path) -> Self {
        let [html, csv, lines] = ["report.html", "curves.csv", "curves.jsonl"]
            .map(|name| fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")));
        assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>"), "half a page");
        assert!(html.len() < MOST_BYTES, "{} bytes", html.len());
        assert_loads_nothing(&html);
        for element in ["section", "figure", "table", "tbody", "tr", "td", "svg", "ul", "li", "main"] {
            let closed = html.matches(&format!("</{element}>")).count();
            assert_eq!(opened(&html, element), closed, "<{element}> opened and closed");
        }
        let epochs: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_same(&csv, &epochs);
        Self { html, epochs }
    }

    /// Returns what the head of the page says of the run: each name, and what is so called.
    pub fn facts(&self) -> BTreeMap<&str, &str> {
        between(&self.html, "<dt>", "</dt>").into_iter().zip(between(&self.html, "<dd>", "</dd>")).collect()
    }

    /// Returns the headings of the sections.
    pub fn sections(&self) -> Vec<&str> {
        between(&self.html, "<h2>", "</h2>")
    }

    /// Returns the cells of all tables, row after row.
    pub fn cells(&self) -> Vec<&str> {
        let cells = self.html.split("<td").skip(1).filter_map(|cell| cell.split_once("</td>"));
        cells.filter_map(|(cell, _)| cell.split_once('>')).map(|(_, text)| text).collect()
    }

    /// Fails unless a table has a row of these results, a row of the JSON document, as people write them.
    #[track_caller]
    pub fn assert_has(&self, row: &Value) {
        let percent = |key: &str| written(&row[key], 100.0, 2) + " %";
        let expected = [
            percent("test_accuracy"),
            percent("test_precision"),
            written(&row["test_loss"], 1.0, 4),
            written(&row["epochs"], 1.0, 0),
            written(&row["best_epoch"], 1.0, 0),
            written(&row["seconds"], 1.0, 2),
            written(&row["epoch_seconds"], 1000.0, 2),
        ];
        let cells = self.cells();
        assert!(cells.windows(expected.len()).any(|cells| cells == expected), "no {expected:?} in {cells:?}");
    }

    /// Returns the number of the epochs of each fit and seed.
    pub fn fits(&self) -> BTreeMap<(&str, u64), usize> {
        let mut fits = BTreeMap::new();
        for epoch in &self.epochs {
            let fit = (epoch["fit"].as_str().unwrap(), epoch["seed"].as_u64().unwrap());
            *fits.entry(fit).or_default() += 1;
            assert_eq!(epoch["epoch"], fits[&fit], "an epoch is left out: {epoch}");
        }
        fits
    }

    /// Returns the number of the epoch whose weights a fit kept.
    pub fn best_epoch(&self, fit: &str, seed: u64) -> Option<&Value> {
        let best = |epoch: &&Value| epoch["fit"] == *fit && epoch["seed"] == seed && epoch["best"] == true;
        self.epochs.iter().find(best).map(|epoch| &epoch["epoch"])
    }
}

#[track_caller]
fn assert_loads_nothing(html: &str) {
    for word in ["http:", "https:", "url(", "@import", "fetch(", "<iframe", "<object"] {
        assert!(!html.contains(word), "the page has `{word}`");
    }
    for (attribute, allowed) in [(" src=\"", "data:image/png;base64,"), (" href=\"", "data:,")] {
        for value in between(html, attribute, "\"") {
            assert!(value.starts_with(allowed), "the page loads {value}");
        }
    }
}

/// Counts the elements of a name.
fn opened(html: &str, element: &str) -> usize {
    let start = format!("<{element}");
    html.split(&start).skip(1).filter(|rest| rest.starts_with([' ', '>', '/'])).count()
}

/// Fails unless the lines of comma-separated values say what those of JSON do.
#[track_caller]
fn assert_same(csv: &str, epochs: &[Value]) {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let headings = lines.next().unwrap();
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), epochs.len());
    for (line, epoch) in lines.iter().zip(epochs) {
        assert_eq!(line.len(), headings.len(), "{line:?}");
        for (heading, text) in headings.iter().zip(line) {
            match &epoch[heading] {
                Value::String(string) => assert_eq!(string, text),
                Value::Null => assert_eq!(*text, "", "{heading} of {epoch}"),
                Value::Number(number) => assert_eq!(number.as_f64(), text.parse().ok(), "{heading} of {epoch}"),
                other => assert_eq!(&other.to_string(), text, "{heading} of {epoch}"),
            }
        }
    }
}

/// Writes a number of the JSON document, or its spread over seeds, as tables do; `-` for one that is not known.
fn written(value: &Value, factor: f64, decimals: usize) -> String {
    let number = |value: &Value| factor * value.as_f64().unwrap();
    match value.get("mean") {
        None | Some(Value::Null) if value.get("mean").unwrap_or(value).is_null() => "-".to_owned(),
        None => format!("{:.decimals$}", number(value)),
        Some(mean) => format!("{:.decimals$} ± {:.decimals$}", number(mean), number(&value["std"])),
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once(after)).map(|(found, _)| found).collect()
}
