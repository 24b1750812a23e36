//! The page that a run leaves: one file that a browser opens from disk, with all its pictures in it.

mod classifier;
mod forest;
mod parallel;
mod pictures;
mod plots;
mod section;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use classifier::ClassifierView;
pub use parallel::{AcrossAxes, Parallel, UprightAxis};
pub use pictures::{Picture, grey_levels};
pub use plots::{Axis, Plot, Series, Style};

use section::{has_results, section};

use super::Findings;

const STYLE: &str = concat!(include_str!("colours.css"), include_str!("style.css"));
const SORT: &str = include_str!("sort.js");
const PARALLEL: &str = include_str!("parallel.js");

/// Lets the page load nothing, wherever it is opened: what it shows is in it.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// What the page of a run shows, part by part. Text is escaped wherever it comes from.
///
/// # Example
/// ```
/// use ch11_harness::report::{Findings, Report};
///
/// let mut report = Report::default();
/// report.add(Findings::new("8b", "Early stopping").say("The loss fell & fell."));
/// let page = report.to_html("Exercise 8", &[("seed", "42".to_owned())]);
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("fell &amp; fell."));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Report {
    findings: Vec<Findings>,
}

impl Report {
    /// Adds what a part found, below what is there.
    pub fn add(&mut self, findings: Findings) {
        self.findings.push(findings);
    }

    /// Tells whether there is more to show than what networks are made of.
    pub fn has_results(&self) -> bool {
        self.findings.iter().any(has_results)
    }

    /// Writes the page, under a title and some facts about the run, each a name and what is so called.
    pub fn to_html(&self, title: &str, facts: &[(&str, String)]) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="icon" href="data:,";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (header(title, facts))
                    main { @for (number, findings) in (1..).zip(&self.findings) { (section(number, findings)) } }
                    script { (PreEscaped(SORT)) (PreEscaped(PARALLEL)) }
                }
            }
        };
        page.into_string()
    }
}

fn header(title: &str, facts: &[(&str, String)]) -> Markup {
    html! {
        header {
            h1 { (title) }
            dl { @for (name, fact) in facts { div { dt { (name) } dd { (fact) } } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Cell;

    #[test]
    fn all_text_is_escaped() {
        let hostile = "<script>alert('&\"')</script>";
        let cell = || Cell::text(hostile);
        let picture = Picture { images: vec![vec![0; 784]], caption: vec![hostile.to_owned()], wrong: false };
        let series = Series::new(hostile, vec![(1.0, 2.0), (2.0, 3.0)], Style::Dots).labelled(hostile);
        let plot = Plot { x: Axis::linear(hostile), y: Axis::linear(hostile), series: vec![series] };
        let mut report = Report::default();
        report.add(
            Findings::new("", hostile)
                .say(hostile)
                .sortable(vec![hostile.to_owned()], vec![vec![cell()]], hostile)
                .gallery(hostile, vec![picture])
                .plots(hostile, vec![plot]),
        );
        let page = report.to_html(hostile, &[(hostile, hostile.to_owned())]);
        assert_eq!(page.matches("<script>").count(), 1, "only our own");
        assert!(!page.contains("<script>alert") && !page.contains("'&\""), "{page}");
        assert!(page.matches("&lt;script&gt;").count() >= 10, "{page}");
    }

    #[test]
    fn a_page_without_a_result_is_known() {
        let mut report = Report::default();
        assert!(!report.has_results());
        report.add(Findings::new("8a", "The network"));
        assert!(!report.has_results());
        report.add(Findings::new("8b", "Results").say("It helps."));
        assert!(report.has_results());
    }
}
