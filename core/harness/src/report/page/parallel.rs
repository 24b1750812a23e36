//! Parallel coordinates: an upright axis for each property, and a line through all of them for each thing.

use maud::{Markup, html};

/// Upright axes beside each other, and lines through them.
#[derive(Debug, Clone, PartialEq)]
pub struct Parallel {
    /// The axes, from the left.
    pub axes: Vec<UprightAxis>,
    /// The lines; later ones are drawn over earlier ones.
    pub lines: Vec<AcrossAxes>,
}

/// An axis that stands upright.
#[derive(Debug, Clone, PartialEq)]
pub struct UprightAxis {
    /// Its name.
    pub name: String,
    /// What stands beside it, each at its place: from 0, at the bottom, to 1.
    pub labels: Vec<(f64, String)>,
}

/// A line through all axes.
#[derive(Debug, Clone, PartialEq)]
pub struct AcrossAxes {
    /// What is told of it.
    pub name: String,
    /// Its place on each axis, from 0 to 1.
    pub places: Vec<f64>,
    /// How strong its colour is, from 0 to 1.
    pub strength: f64,
}

/// What is told before a line is pointed at.
const HINT: &str = "Point at a line, or choose it, to read which candidate it is.";

/// The distance between axes, their height, and the room for names above them, for labels below, and at the sides.
const BETWEEN: f64 = 130.0;
const HEIGHT: f64 = 240.0;
const ABOVE: f64 = 34.0;
const BELOW: f64 = 16.0;
const BESIDE: f64 = 70.0;

impl Parallel {
    /// Draws the axes and the lines, over a line that says what they show.
    pub(super) fn to_markup(&self, note: &str) -> Markup {
        let width = 2.0 * BESIDE + BETWEEN * self.axes.len().saturating_sub(1) as f64;
        let height = ABOVE + HEIGHT + BELOW;
        html! {
            figure.parallel {
                div.scroll {
                    svg viewBox={ "0 0 " (width) " " (height) } style={ "--width:" (width) "px" } role="img" aria-label=(note) {
                        @for index in 0..self.axes.len() { line x1=(across(index)) x2=(across(index)) y1=(up(0.0)) y2=(up(1.0)) {} }
                        g { @for line in &self.lines { (through(line)) } }
                        @for (index, axis) in self.axes.iter().enumerate() { (names_along(across(index), axis)) }
                    }
                }
                output { (HINT) }
                figcaption { (note) }
            }
        }
    }
}

fn across(index: usize) -> f64 {
    BESIDE + BETWEEN * index as f64
}

fn up(place: f64) -> f64 {
    ABOVE + HEIGHT * (1.0 - place)
}

fn names_along(x: f64, axis: &UprightAxis) -> Markup {
    html! {
        text.name x=(x) y="14" { (axis.name) }
        @for (place, label) in &axis.labels { text x=(x - 6.0) y=(format!("{:.1}", up(*place) + 4.0)) { (label) } }
    }
}

/// Draws a line, and a broad invisible one over it that is easier to point at.
fn through(line: &AcrossAxes) -> Markup {
    let points: Vec<String> =
        line.places.iter().enumerate().map(|(index, &place)| format!("{},{:.1}", across(index), up(place))).collect();
    let points = points.join(" ");
    html! {
        g data-name=(line.name) style={ "--strength:" (format!("{:.2}", line.strength)) } {
            polyline points=(points) {}
            polyline points=(points) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_through_its_place_on_every_axis() {
        let axis = |name: &str| UprightAxis { name: name.to_owned(), labels: vec![(0.0, "<low>".to_owned())] };
        let line =
            |name: &str, places: [f64; 3]| AcrossAxes { name: name.to_owned(), places: places.into(), strength: 0.5 };
        let axes = ["width", "rate", "accuracy %"].map(axis).to_vec();
        let drawn = Parallel { axes, lines: vec![line("a & b", [0.0, 0.5, 1.0]), line("c", [1.0, 1.0, 0.0])] };
        let markup = drawn.to_markup("Lines & axes.").into_string();
        assert_eq!(markup.matches("points=\"70,274.0 200,154.0 330,34.0\"").count(), 2, "{markup}");
        assert_eq!(markup.matches("data-name=").count(), 2);
        assert!(
            markup.contains("a &amp; b") && markup.contains("&lt;low&gt;") && !markup.contains("<low>"),
            "{markup}"
        );
        assert!(markup.contains("viewBox=\"0 0 400 290\""), "{markup}");
    }
}
