//! A plot as a file of its own, which a page in light or dark colours may show.

use anyhow::{Result, anyhow};
use maud::{Markup, PreEscaped, html};

use super::Plot;
use super::colours::of_the_page;
use super::drawing::SIZE;
use super::letters::{TEXT, width};

const COLOURS: &str = include_str!("../colours.css");
const STYLE: &str = "svg { background: var(--paper); color: var(--ink); font-family: system-ui, sans-serif; }";

/// From one line of the legend to the next.
const LINE: u32 = 44;
/// The mark before a name of the legend, and the gap after it.
const MARK: (u32, u32) = (40, 12);
/// Around the legend, and between its names.
const MARGIN: u32 = 24;
/// The size of the legend's text.
const SMALL: u32 = TEXT - 6;

impl Plot {
    /// Draws the plot and, above it, a legend, as an SVG document that follows the reader's choice of light or dark colours.
    ///
    /// # Errors
    /// If it cannot be drawn.
    ///
    /// # Example
    /// ```
    /// use ch11_harness::report::{Axis, Plot, Series, Style};
    ///
    /// let series = vec![Series::new("validation", vec![(1.0, 0.2), (2.0, 0.1)], Style::Line)];
    /// let svg = Plot { x: Axis::linear("epoch"), y: Axis::logarithmic("loss"), series }.to_svg()?;
    /// assert!(svg.starts_with("<svg ") && svg.contains("prefers-color-scheme: dark"));
    /// # anyhow::Ok(())
    /// ```
    pub fn to_svg(&self) -> Result<String> {
        let mut svg = String::new();
        self.draw(&mut svg).map_err(|error| anyhow!("the plot cannot be drawn: {error}"))?;
        let (legend, height) = self.legend();
        let document = html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (SIZE.0) " " (SIZE.1 + height) } {
                style { (PreEscaped(COLOURS)) (PreEscaped(STYLE)) }
                (legend)
                g transform={ "translate(0 " (height) ")" } { (PreEscaped(of_the_page(&svg))) }
            }
        };
        Ok(document.into_string())
    }

    /// Writes the names of the series below each other, as many in a line as fit; returns how high that is.
    fn legend(&self) -> (Markup, u32) {
        let mut named: Vec<(&str, usize)> = Vec::new();
        for series in &self.series {
            if !named.contains(&(&series.name, series.colour)) {
                named.push((&series.name, series.colour));
            }
        }
        let (mut left, mut top) = (MARGIN, MARGIN);
        let mut place = |name: &str| {
            let length = MARK.0 + MARK.1 + width(name) as u32 * SMALL / TEXT;
            if left > MARGIN && left + length > SIZE.0 {
                (left, top) = (MARGIN, top + LINE);
            }
            let place = (left, top);
            left += length + MARGIN;
            place
        };
        let entries: Vec<_> = named.into_iter().map(|(name, colour)| (name, colour, place(name))).collect();
        let legend = html! {
            @for (name, colour, (left, top)) in entries {
                rect x=(left) y=(top + 12) width=(MARK.0) height="6" fill={ "var(--colour-" (colour) ")" } {}
                text x=(left + MARK.0 + MARK.1) y=(top + 26) font-size=(SMALL) fill="currentColor" { (name) }
            }
        };
        (legend, top + LINE)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Series, Style};
    use super::*;

    #[test]
    fn a_document_has_a_legend_and_the_colours_of_both_schemes() {
        let series = (0..4).map(|number| {
            let points = vec![(1.0, 1.0), (2.0, 2.0)];
            Series::new(&format!("a name of some length, number {number}"), points, Style::Line).coloured(number)
        });
        let plot = Plot { x: Axis::linear("a"), y: Axis::linear("b"), series: series.collect() };
        let svg = plot.to_svg().unwrap();
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 840 800\">"), "{svg}");
        assert!(svg.contains("prefers-color-scheme: dark") && !svg.contains("=\"#"), "{svg}");
        assert_eq!(svg.matches("<rect x=\"24\"").count(), 4, "one name in a line");
        assert_eq!(svg.matches("number 3").count(), 1);
    }
}
