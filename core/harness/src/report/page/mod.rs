//! The page that a run leaves: one file that a browser opens from disk, with all its pictures in it.

mod exhibit;
mod pictures;
mod plots;
mod section;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use exhibit::Exhibit;
pub use pictures::{Picture, grey_levels};
pub use plots::{Axis, Plot, Series, Style};
pub use section::{Cell, Section};

const STYLE: &str = include_str!("style.css");
const SORT: &str = include_str!("sort.js");

/// Lets the page load nothing, wherever it is opened: what it shows is in it.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// What the page of a run shows, part by part. Text is escaped wherever it comes from.
///
/// # Example
/// ```
/// use ch11_harness::report::{Report, Section};
///
/// let mut report = Report::default();
/// report.add(Section::new("8b. Early stopping").say("The loss fell & fell."));
/// let page = report.to_html("Exercise 8", &[("seed", "42".to_owned())]);
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("fell &amp; fell."));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Report {
    sections: Vec<Section>,
}

impl Report {
    /// Adds a section below those that are there.
    pub fn add(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// Tells whether there is more to show than what networks are made of.
    pub fn has_results(&self) -> bool {
        self.sections.iter().any(Section::has_results)
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
                    main { @for (index, section) in self.sections.iter().enumerate() { (section.to_markup(index)) } }
                    script { (PreEscaped(SORT)) }
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

    #[test]
    fn all_text_is_escaped() {
        let hostile = "<script>alert('&\"')</script>";
        let cell = || Cell::text(hostile);
        let picture = Picture { images: vec![vec![0; 784]], caption: vec![hostile.to_owned()], wrong: false };
        let series = Series::new(hostile, vec![(1.0, 2.0), (2.0, 3.0)], Style::Dots).labelled(hostile);
        let plot = Plot { x: Axis::linear(hostile), y: Axis::linear(hostile), series: vec![series] };
        let mut report = Report::default();
        report.add(
            Section::new(hostile)
                .say(hostile)
                .sortable(&[hostile.to_owned()], &[vec![cell()]])
                .gallery(hostile, &[picture])
                .plots(hostile, &[plot]),
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
        report.add(Section::new("8a. The network"));
        assert!(!report.has_results());
        report.add(Section::new("8b. Results").say("It helps."));
        assert!(report.has_results());
    }
}
