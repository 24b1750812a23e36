//! The figures of the answers, as SVG.
//!
//! `cargo run --release -p answers --bin figures` draws them anew; a test compares them with those in `answers/figures`.

mod activations;
mod gradients;
mod momentum;
mod sparsity;

use anyhow::Result;
use plotters::prelude::*;

pub use activations::activations;
pub use gradients::gradients;
pub use momentum::momentum;
pub use sparsity::sparsity;

/// A figure's file in `answers/figures`, and what draws it.
pub type Figure = (&'static str, fn() -> Result<String>);

/// All figures.
pub const ALL: [Figure; 4] = [
    ("activations.svg", activations),
    ("gradients.svg", gradients),
    ("momentum.svg", momentum),
    ("sparsity.svg", sparsity),
];

/// The palette of Okabe and Ito, which the colour-blind can tell apart, too.
const COLOURS: [RGBColor; 5] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167), RGBColor(86, 86, 86)];
const GRID: RGBColor = RGBColor(232, 232, 232);

/// plotters places everything on whole pixels. It is given twice as many as the figure is wide, so that curves are smooth.
const PIXELS: u32 = 2;
const LABEL: u32 = 12 * PIXELS;
const TITLE: u32 = 17 * PIXELS;
const LEGEND_LINE: i32 = 36;
const THIN: u32 = PIXELS / 2;
const THICK: u32 = 2 * PIXELS;

/// A plane with both axes in single precision.
type Chart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf32, plotters::coord::types::RangedCoordf32>,
>;

/// Draws on a white canvas, so that it can be read on a dark page, too, and returns the SVG.
fn on_canvas(
    (width, height): (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>) -> Result<()>,
) -> Result<String> {
    let mut svg = String::new();
    let drawn = (width * PIXELS, height * PIXELS);
    let canvas = SVGBackend::with_string(&mut svg, drawn).into_drawing_area();
    canvas.fill(&WHITE)?;
    draw(&canvas)?;
    canvas.present()?;
    drop(canvas);
    let [drawn, shown] =
        [drawn, (width, height)].map(|(width, height)| format!("width=\"{width}\" height=\"{height}\""));
    Ok(svg.replacen(&drawn, &shown, 1))
}

/// Adds a line and its entry in the legend.
fn add_line(chart: &mut Chart<'_, '_>, name: &str, colour: RGBColor, points: Vec<(f32, f32)>) -> Result<()> {
    chart
        .draw_series(LineSeries::new(points, colour.stroke_width(THICK)))?
        .label(name)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + LEGEND_LINE, y)], colour.stroke_width(THICK)));
    Ok(())
}

/// Writes the legend of the lines so far.
fn add_legend<'a, 'b: 'a>(chart: &mut Chart<'a, 'b>, position: SeriesLabelPosition) -> Result<()> {
    chart
        .configure_series_labels()
        .position(position)
        .label_font(("sans-serif", LABEL))
        .legend_area_size(48)
        .background_style(WHITE)
        .border_style(GRID)
        .draw()?;
    Ok(())
}
