//! Plots that take their colours from the page, so that they can be read in the light and in the dark.

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Places};
use crate::report::curves::{COLOURS, thinned};

/// Width and height, in units that there are two of to a pixel of most screens: plotters rounds to whole ones.
const SIZE: (u32, u32) = (840, 600);
/// Sizes in these units.
const TEXT: u32 = 34;
const DOT: i32 = 9;
const LINE: u32 = 4;
const MARGIN: u32 = 16;
const BELOW: u32 = 92;
const BESIDE: u32 = 130;
/// From a point to its label, to the right of it or to the left.
const LABEL_OFFSET: (i32, i32) = (14, -14);
/// How wide a letter of a label is, about.
const LETTER: i32 = 19;
/// Stands for the colour of the page's text.
const INK: RGBColor = BLACK;
/// Stands for the colour of the page's lines.
const GRID: RGBColor = RGBColor(214, 214, 214);

/// A plot of one number against another.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is along the bottom.
    pub x: Axis,
    /// What is along the side.
    pub y: Axis,
    /// What is drawn, in this order.
    pub series: Vec<Series>,
}

/// Some points that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What they are called in the legend.
    pub name: String,
    /// The points.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub style: Style,
    /// The position of the point that is marked, if one is.
    pub marked: Option<usize>,
    /// What stands beside each point.
    pub label: Option<String>,
    /// The number of the colour.
    pub colour: usize,
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Joined by a line.
    Line,
    /// Joined by a faint line.
    Faint,
    /// As a dot each.
    Dots,
}

type Drawn<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Places, Places>>;

impl Series {
    /// Makes a series in the first colour.
    pub fn new(name: &str, points: Vec<(f64, f64)>, style: Style) -> Self {
        Self { name: name.to_owned(), points, style, marked: None, label: None, colour: 0 }
    }

    /// Marks the point at a position.
    #[must_use]
    pub fn marked(self, position: Option<usize>) -> Self {
        Self { marked: position, ..self }
    }

    /// Writes something beside each point.
    #[must_use]
    pub fn labelled(self, label: &str) -> Self {
        Self { label: Some(label.to_owned()), ..self }
    }

    /// Gives it the colour of a number; there are seven.
    #[must_use]
    pub fn coloured(self, number: usize) -> Self {
        Self { colour: number % COLOURS.len(), ..self }
    }
}

impl Series {
    fn draw(&self, chart: &mut Chart<'_, '_>, points: &[(f64, f64)], marked: Option<(f64, f64)>) -> Drawn {
        let colour = COLOURS[self.colour % COLOURS.len()];
        let dot = |&point: &(f64, f64)| Circle::new(point, DOT, colour.filled());
        match self.style {
            Style::Line => chart.draw_series(LineSeries::new(thinned(points), colour.stroke_width(LINE)))?,
            Style::Faint => {
                chart.draw_series(LineSeries::new(thinned(points), colour.mix(0.6).stroke_width(LINE - 1)))?
            }
            Style::Dots => chart.draw_series(points.iter().map(dot))?,
        };
        chart.draw_series(marked.iter().map(dot))?;
        Ok(())
    }
}

/// What no label may cover, the labels that are written already among it, as boxes: left, top, right, bottom.
struct Labels(Vec<[i32; 4]>);

impl Labels {
    /// Keeps labels away from dots at these places.
    fn beside(dots: impl Iterator<Item = (i32, i32)>) -> Self {
        Self(dots.map(|(x, y)| [x - DOT, y - DOT, x + DOT, y + DOT]).collect())
    }

    /// Writes a label to the right of a place, or to the left if something is in the way there.
    fn write(&mut self, area: &Area<'_>, (x, y): (i32, i32), label: &str) -> Drawn {
        let (width, height) = (LETTER * label.chars().count() as i32, TEXT as i32);
        let box_at = |left: i32| [left, y + LABEL_OFFSET.1, left + width, y + LABEL_OFFSET.1 + height];
        let places = [box_at(x + LABEL_OFFSET.0), box_at(x - LABEL_OFFSET.0 - width)];
        let place = places.into_iter().find(|place| !self.0.iter().any(|taken| overlap(taken, place)));
        let place = place.unwrap_or(places[0]);
        area.draw_text(label, &text(), (place[0], place[1]))?;
        self.0.push(place);
        Ok(())
    }
}

fn overlap(a: &[i32; 4], b: &[i32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

impl Plot {
    /// Draws the plot for a page.
    pub(super) fn to_markup(&self) -> Markup {
        let name = format!("{} against {}", self.y.name, self.x.name);
        let mut svg = String::new();
        match self.draw(&mut svg) {
            Ok(()) => html! {
                svg viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } role="img" aria-label=(name) { (PreEscaped(coloured(&svg))) }
            },
            // A page without one of its pictures is better than none.
            Err(error) => html! { p { (name) " cannot be drawn: " (error) } },
        }
    }

    fn placed(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        Some((self.x.place(x)?, self.y.place(y)?))
    }

    fn draw(&self, svg: &mut String) -> Drawn {
        let placed: Vec<Vec<(f64, f64)>> = self
            .series
            .iter()
            .map(|series| series.points.iter().filter_map(|&point| self.placed(point)).collect())
            .collect();
        let mut x_range = self.x.range(placed.iter().flatten().map(|point| point.0));
        let y_range = self.y.range(placed.iter().flatten().map(|point| point.1));
        let longest = self.series.iter().filter_map(|series| Some(series.label.as_ref()?.chars().count())).max();
        x_range.end += 0.03 * longest.unwrap_or(0) as f64 * (x_range.end - x_range.start); // Room for a label.
        let area: Area<'_> = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(MARGIN)
            .x_label_area_size(BELOW)
            .y_label_area_size(BESIDE)
            .build_cartesian_2d(Places::of(&self.x, x_range), Places::of(&self.y, y_range))?;
        chart
            .configure_mesh()
            .x_desc(&self.x.name)
            .y_desc(&self.y.name)
            .label_style(text())
            .axis_desc_style(text())
            .axis_style(GRID)
            .bold_line_style(GRID)
            .x_max_light_lines(0)
            .y_max_light_lines(0)
            .x_label_formatter(&|place| self.x.label(*place))
            .y_label_formatter(&|place| self.y.label(*place))
            .draw()?;
        let labelled = self.series.iter().zip(&placed).filter(|(series, _)| series.label.is_some());
        let mut labels =
            Labels::beside(labelled.flat_map(|(_, points)| points).map(|point| chart.backend_coord(point)));
        for (series, points) in self.series.iter().zip(placed) {
            let marked = series.marked.and_then(|position| self.placed(*series.points.get(position)?));
            series.draw(&mut chart, &points, marked)?;
            if let Some(label) = &series.label {
                points.iter().try_for_each(|&point| labels.write(&area, chart.backend_coord(&point), label))?;
            }
        }
        area.present()?;
        drop(chart);
        Ok(())
    }
}

fn text() -> TextStyle<'static> {
    ("sans-serif", TEXT).into_font().color(&INK)
}

/// Takes the elements out of an SVG document, and puts the page's own colours and font in place of those that stand for them.
fn coloured(svg: &str) -> String {
    let elements = svg.trim().strip_suffix("</svg>").and_then(|svg| svg.split_once('>')).map_or("", |(_, rest)| rest);
    let hex = |RGBColor(red, green, blue): RGBColor| format!("\"#{red:02X}{green:02X}{blue:02X}\"");
    let mut elements = elements.replace(&hex(INK), "\"currentColor\"").replace(&hex(GRID), "\"var(--grid)\"");
    for (number, colour) in COLOURS.into_iter().enumerate() {
        elements = elements.replace(&hex(colour), &format!("\"var(--colour-{number})\""));
    }
    elements.replace(" font-family=\"sans-serif\"", "").replace(" opacity=\"1\"", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(axes: [Axis; 2], series: Vec<Series>) -> String {
        let [x, y] = axes;
        Plot { x, y, series }.to_markup().into_string()
    }

    #[test]
    fn a_plot_takes_its_colours_from_the_page() {
        let lines = (0..9).map(|number| {
            let points = vec![(1.0, 0.1), (2.0, 0.01 * f64::from(number + 1))];
            Series::new("line", points, Style::Line).coloured(number as usize).marked(Some(1))
        });
        let svg = plot([Axis::linear("epoch"), Axis::logarithmic("loss")], lines.collect());
        assert!(
            svg.starts_with("<svg viewBox=\"0 0 840 600\" role=\"img\" aria-label=\"loss against epoch\">"),
            "{svg}"
        );
        assert!(!svg.contains("=\"#"), "a colour of its own: {svg}");
        assert!(svg.contains("var(--colour-6)") && svg.contains("currentColor") && svg.contains("var(--grid)"));
        assert_eq!(svg.matches("<circle").count(), 9);
        assert!(!svg.contains("http"), "{svg}");
    }

    #[test]
    fn no_number_breaks_a_plot() {
        let numbers = [0.0, -1.0, 1e-300, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let points: Vec<(f64, f64)> = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y))).collect();
        let axes = [Axis::linear("a"), Axis::logarithmic("b"), Axis::of_names("c", vec!["d".to_owned()])];
        for points in [vec![], vec![(1.0, 1.0)], vec![(f64::NAN, f64::NAN)], points] {
            for x in &axes {
                for y in &axes {
                    let styles = [Style::Line, Style::Faint, Style::Dots];
                    let series =
                        styles.map(|style| Series::new("s", points.clone(), style).marked(Some(0)).labelled("l"));
                    let svg = plot([x.clone(), y.clone()], series.to_vec());
                    assert!(svg.contains("<svg") && !svg.contains("NaN"), "{svg}");
                }
            }
        }
    }

    #[test]
    fn labels_of_near_points_stand_on_either_side() {
        let dots = [1.0, 1.001, 2.0].map(|x| Series::new("dot", vec![(x, 1.0)], Style::Dots).labelled("label"));
        let svg = plot([Axis::linear("a"), Axis::linear("b")], dots.to_vec());
        let (texts, dots) = (elements(&svg, "<text ", "x"), elements(&svg, "<circle ", "cx"));
        let labels = &texts[texts.len() - 3..];
        assert!(labels[0] > dots[0] && labels[1] < dots[1] && labels[2] > dots[2], "{labels:?} beside {dots:?}");
    }

    fn elements(svg: &str, element: &str, attribute: &str) -> Vec<i32> {
        let after = |text: &str| text.split_once(&format!(" {attribute}=\""))?.1.split_once('"')?.0.parse().ok();
        svg.split(element).skip(1).filter_map(|rest| after(&format!(" {rest}"))).collect()
    }

    #[test]
    fn a_line_of_any_length_takes_little_room() {
        let line = |count: u32| {
            let points: Vec<(f64, f64)> = (1..=count).map(|epoch| (epoch.into(), f64::from(epoch % 7))).collect();
            plot([Axis::linear("epoch"), Axis::linear("loss")], vec![Series::new("line", points, Style::Line)])
        };
        assert!(line(100_000).len() < 20_000);
        let points = |count: u32| (0..count).map(|it| (it.into(), 0.0)).collect::<Vec<(f64, f64)>>();
        assert_eq!(thinned(&points(900)), points(900));
        // Every third, from 0 to 2499, and the last.
        assert_eq!(thinned(&points(2501)).len(), 834 + 1);
        assert_eq!(thinned(&points(2501)).last(), Some(&(2500.0, 0.0)));
    }
}
