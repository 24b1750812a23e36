//! Plots as SVG in the page.

use std::error::Error;
use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axes::Places;
use super::colours::{COLOURS, GRID, INK, of_the_page};
use super::labels::Labels;
use super::letters::{GAP, Names, TEXT, width};
use super::{Plot, Series, Style};

/// Width and height, in units of about half a pixel on most screens, since plotters rounds to whole units.
pub(super) const SIZE: (u32, u32) = (840, 600);
/// Sizes in these units.
const DOT: i32 = 9;
const LINE: u32 = 4;
const MARGIN: u32 = 16;
/// From an axis to what stands along it.
const TICK: i32 = 10;
/// For an axis's own name.
const NAME: u32 = 46;
/// The most points of a line that are drawn: more than there are places for them.
const MOST_POINTS: usize = 1000;

type Drawn<T = ()> = Result<T, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Places, Places>>;
type Points = Vec<(f64, f64)>;

/// Where everything goes around the points.
struct Layout {
    x: Places,
    y: Places,
    /// What stands along the bottom in place of numbers.
    names: Option<Names>,
    /// The widths of what is to the left of the vertical axis and to the right of the horizontal one.
    left: u32,
    right: u32,
}

impl Plot {
    /// Draws the plot for a page.
    pub(in crate::report::page) fn to_markup(&self) -> Markup {
        let name = format!("{} against {}", self.y.name, self.x.name);
        let mut svg = String::new();
        match self.draw(&mut svg) {
            Ok(()) => html! {
                svg viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } role="img" aria-label=(name) { (PreEscaped(of_the_page(&svg))) }
            },
            // A page without one of its plots is better than none.
            Err(error) => html! { p { (name) " cannot be drawn: " (error) } },
        }
    }

    /// Draws into an SVG document.
    pub(super) fn draw(&self, svg: &mut String) -> Drawn {
        let points: Vec<Points> = self
            .series
            .iter()
            .map(|series| series.points.iter().filter_map(|&point| self.placed(point)).collect())
            .collect();
        let area: Area<'_> = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let mut chart = self.draw_axes(&area, self.layout(&points))?;
        let labelled = self.series.iter().zip(&points).filter(|(series, _)| series.label.is_some());
        let dots = labelled.flat_map(|(_, points)| points).map(|point| chart.backend_coord(point));
        let mut labels = Labels::beside(dots, DOT);
        for (series, points) in self.series.iter().zip(&points) {
            let marked = series.marked.and_then(|position| self.placed(*series.points.get(position)?));
            series.draw(&mut chart, points, marked)?;
            for (label, point) in series.label.iter().flat_map(|label| points.iter().map(move |point| (label, point))) {
                area.draw_text(label, &text(), labels.place(chart.backend_coord(point), label))?;
            }
        }
        Ok(area.present()?)
    }

    /// Returns where a point is along the axes, if it is anywhere.
    fn placed(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        Some((self.x.place(x)?, self.y.place(y)?))
    }

    fn layout(&self, points: &[Points]) -> Layout {
        let points = || points.iter().flatten();
        let mut x_range = self.x.range(points().map(|point| point.0));
        let longest_label = self.series.iter().filter_map(|series| Some(series.label.as_ref()?.chars().count())).max();
        // Room for a label beside the last point.
        x_range.end += 0.03 * longest_label.unwrap_or(0) as f64 * (x_range.end - x_range.start);
        let y = Places::of(&self.y, self.y.range(points().map(|point| point.1)));
        let widest = y.ticks().iter().map(|&tick| width(&self.y.label(tick))).max().unwrap_or(0);
        let left = NAME + (TICK + widest) as u32;
        let (x, names, right) = self.along_the_bottom(x_range, SIZE.0 - left - MARGIN);
        Layout { x, y, names, left, right }
    }

    /// Places numbers or names along the bottom, which is `room` wide together with the margin to the right of it.
    /// Returns the places, the names if there are any, and the width of that margin.
    fn along_the_bottom(&self, range: Range<f64>, room: u32) -> (Places, Option<Names>, u32) {
        let steps = range.end - range.start;
        let places = Places::of(&self.x, range);
        let labels: Vec<String> = places.ticks().iter().map(|&tick| self.x.label(tick)).collect();
        if self.x.has_names() {
            let room_of_each = f64::from(room - MARGIN) / steps;
            return (places, Some(Names::within(room_of_each as i32 - GAP, &labels)), MARGIN);
        }
        // Half of a number at the very end of the axis is beyond it.
        let right = MARGIN.max(labels.last().map_or(0, |label| width(label) as u32 / 2));
        let places = places.apart((room - right) as i32, |tick| width(&self.x.label(tick)) + GAP);
        (places, None, right)
    }

    fn draw_axes<'a, 'b>(&self, area: &'a Area<'b>, layout: Layout) -> Drawn<Chart<'a, 'b>> {
        let Layout { x, y, names, left, right } = layout;
        let mut chart = ChartBuilder::on(area)
            .margin(MARGIN)
            .margin_right(right)
            .x_label_area_size(NAME + TICK as u32 + names.as_ref().map_or(TEXT, Names::height))
            .y_label_area_size(left)
            .build_cartesian_2d(x, y)?;
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
        names.iter().try_for_each(|names| write_names(names, area, &chart))?;
        Ok(chart)
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
            Style::Band => chart.draw_series([Polygon::new(points, colour.mix(0.15))])?,
        };
        chart.draw_series(marked.iter().map(dot))?;
        Ok(())
    }
}

/// Leaves out points between others, so that a line of any length takes little room.
pub(super) fn thinned(points: &[(f64, f64)]) -> Points {
    let (step, last) = (points.len().div_ceil(MOST_POINTS).max(1), points.len().saturating_sub(1));
    let kept = |&(index, _): &(usize, (f64, f64))| index % step == 0 || index == last;
    points.iter().copied().enumerate().filter(kept).map(|(_, point)| point).collect()
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
