//! Plots that take their colours from the page, so that they can be read in the light and in the dark.

use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axes::{Axis, Places};
use super::letters::{GAP, LETTER, Names, TEXT, width};
use crate::report::curves::{COLOURS, thinned};

/// Width and height, in units that there are two of to a pixel of most screens: plotters rounds to whole ones.
const SIZE: (u32, u32) = (840, 600);
/// Sizes in these units.
const DOT: i32 = 9;
const LINE: u32 = 4;
const MARGIN: u32 = 16;
/// From an axis to what stands along it.
const TICK: i32 = 10;
/// For an axis's own name.
const NAME: u32 = 46;
/// From a point to its label, to the right of it or to the left.
const LABEL_OFFSET: (i32, i32) = (14, -14);
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

/// What stands along the bottom of a plot.
struct Along {
    places: Places,
    /// What stands there in place of numbers.
    names: Option<Names>,
    /// The margin at its end.
    end: u32,
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

    /// Says what stands along the bottom of a picture that has so much room for it and for the margin at its end.
    fn along(&self, range: Range<f64>, room: u32) -> Along {
        let steps = range.end - range.start;
        let places = Places::of(&self.x, range);
        let labels: Vec<String> = places.ticks().iter().map(|&tick| self.x.label(tick)).collect();
        if self.x.has_names() {
            let room_of_each = f64::from(room - MARGIN) / steps;
            return Along { places, names: Some(Names::within(room_of_each as i32 - GAP, &labels)), end: MARGIN };
        }
        // A number at the very end of the axis is in the picture, too.
        let end = MARGIN.max(labels.last().map_or(0, |label| width(label) as u32 / 2));
        let places = places.apart((room - end) as i32, |tick| width(&self.x.label(tick)) + GAP);
        Along { places, names: None, end }
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
        let y_places = Places::of(&self.y, y_range);
        let widest = y_places.ticks().iter().map(|&tick| width(&self.y.label(tick))).max().unwrap_or(0);
        let beside = NAME + (TICK + widest) as u32;
        let Along { places: x_places, names, end } = self.along(x_range, SIZE.0 - beside - MARGIN);
        let mut chart = ChartBuilder::on(&area)
            .margin(MARGIN)
            .margin_right(end)
            .x_label_area_size(NAME + TICK as u32 + names.as_ref().map_or(TEXT, Names::height))
            .y_label_area_size(beside)
            .build_cartesian_2d(x_places, y_places)?;
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
            .x_label_formatter(&|place| if names.is_some() { String::new() } else { self.x.label(*place) })
            .y_label_formatter(&|place| self.y.label(*place))
            .draw()?;
        names.iter().try_for_each(|names| write_names(names, &area, &chart))?;
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

/// Writes names below the axis that they are along.
fn write_names(names: &Names, area: &Area<'_>, chart: &Chart<'_, '_>) -> Drawn {
    let style = ("sans-serif", names.size).into_font().color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
    let top = chart.plotting_area().get_pixel_range().1.end + TICK;
    for (index, lines) in names.lines.iter().enumerate() {
        let (middle, _) = chart.backend_coord(&(index as f64, 0.0));
        for (text, line) in lines.iter().zip(0..) {
            area.draw_text(text, &style, (middle, top + line * names.line_height() as i32))?;
        }
    }
    Ok(())
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

    /// A text of a plot: what it says, and the box that it takes.
    #[derive(Debug)]
    struct Text {
        says: String,
        place: [i32; 4],
    }

    /// What plotters makes of the size of text.
    const FULL_SIZE: i32 = 27;

    fn texts(svg: &str) -> Vec<Text> {
        let text = |element: &str| {
            let (head, rest) = element.split_once('>').unwrap();
            let says = rest.split_once("</text>").unwrap().0.trim().to_owned();
            let attribute = |name: &str| Some(head.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0);
            let number = |name| attribute(name).unwrap().parse::<f64>().unwrap() as i32;
            let (x, y, size) = (number("x"), number("y"), number("font-size"));
            let across = width(&says) * size / FULL_SIZE;
            let top = match attribute("dy") {
                Some("0.76em") => 0,
                Some("0.5ex") => -size / 2,
                _ => -size,
            };
            let left = match attribute("text-anchor") {
                Some("middle") => -across / 2,
                Some("end") => -across,
                _ => 0,
            };
            let place = match attribute("transform") {
                Some(_) => [x + top, y - left - across, x + top + size, y - left],
                None => [x + left, y + top, x + left + across, y + top + size],
            };
            Text { says, place }
        };
        svg.split("<text").skip(1).map(text).filter(|text| !text.says.is_empty()).collect()
    }

    #[track_caller]
    fn assert_can_be_read(svg: &str, says: &[&str]) {
        let texts = texts(svg);
        for (index, one) in texts.iter().enumerate() {
            let [left, top, right, bottom] = one.place;
            assert!(left >= 0 && top >= 0 && right <= SIZE.0 as i32 && bottom <= SIZE.1 as i32, "cut off: {one:?}");
            let over = texts[..index].iter().find(|other| overlap(&one.place, &other.place));
            assert!(over.is_none(), "{one:?} over {over:?}");
        }
        for expected in says {
            assert!(texts.iter().any(|text| text.says == *expected), "no {expected} in {texts:?}");
        }
    }

    #[test]
    fn small_losses_are_powers_of_ten_and_beside_the_name_of_their_axis() {
        let line = |low: f64, high: f64| vec![Series::new("loss", vec![(1.0, low), (900.0, high)], Style::Line)];
        let axes = || [Axis::linear("epoch"), Axis::logarithmic("validation loss")];
        assert_can_be_read(&plot(axes(), line(1e-8, 1.0)), &["10⁻⁸", "epoch", "validation loss"]);
        assert_can_be_read(&plot(axes(), line(1.2e-8, 4e-8)), &["2·10⁻⁸"]);
        assert_can_be_read(&plot(axes(), line(1e-30, 1e30)), &["10⁻²²", "10²²"]);
        let accuracy = || [Axis::logarithmic("seconds"), Axis::linear("test accuracy %")];
        for (low, high) in [(0.0, 100.0), (99.991, 99.993), (0.000_1, 0.000_2), (12_345.0, 1e7), (5.0, 5.0)] {
            assert_can_be_read(&plot(accuracy(), line(low, high)), &["seconds", "test accuracy %"]);
            let across = vec![Series::new("points", vec![(low, 1.0), (high, 2.0)], Style::Dots)];
            for x in [Axis::linear("number"), Axis::logarithmic("number")] {
                assert_can_be_read(&plot([x, Axis::linear("y")], across.clone()), &["number"]);
            }
        }
    }

    #[test]
    fn names_along_an_axis_stand_beside_each_other() {
        let activations = ["ELU", "ReLU", "leaky ReLU 0.01", "leaky ReLU 0.1", "leaky ReLU 0.2"].map(str::to_owned);
        let numbers = ["0.00000001", "0.0001", "0.0005", "0.00123", "0.1", "0.5", "543250"].map(str::to_owned);
        for count in 1..=7 {
            for names in [&activations[..], &numbers[..]] {
                let names = names[..count.min(names.len())].to_vec();
                let points = (0..names.len()).map(|index| (index as f64, 99.0 + index as f64 / 10.0)).collect();
                let series = vec![Series::new("candidate", points, Style::Dots)];
                let svg = plot([Axis::of_names("activation", names), Axis::linear("accuracy %")], series);
                assert_can_be_read(&svg, &["activation", "accuracy %"]);
            }
        }
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
