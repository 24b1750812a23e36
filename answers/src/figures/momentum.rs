//! The way that momentum takes over a bowl.

use anyhow::Result;
use plotters::prelude::*;

use super::{COLOURS, LABEL, THICK, THIN, TITLE, add_line, on_canvas};
use crate::momentum::{height, path_over_bowl};

const STEPS: usize = 200;
const RATE: f32 = 0.05;
/// A lighter blue than the path's.
const CONTOUR: RGBColor = RGBColor(205, 215, 225);

/// Draws the first 200 steps with momentum 0.9 and with momentum 0.99999, over lines of equal height.
///
/// # Errors
/// If the drawing fails.
pub fn momentum() -> Result<String> {
    on_canvas((860, 330), |canvas| {
        let panels = canvas.split_evenly((1, 2));
        for ((panel, beta), colour) in panels.iter().zip([0.9, 0.99999]).zip(COLOURS) {
            let path = path_over_bowl(RATE, beta, STEPS);
            let mut chart = ChartBuilder::on(panel)
                .caption(format!("momentum {beta}, {STEPS} steps"), ("sans-serif", TITLE))
                .margin(20)
                .x_label_area_size(44)
                .y_label_area_size(68)
                .build_cartesian_2d(-1.25_f32..1.25, -0.85_f32..0.85)?;
            chart.configure_mesh().disable_mesh().x_labels(6).y_labels(6).label_style(("sans-serif", LABEL)).draw()?;
            for level in [0.02, 0.1, 0.25, 0.5, 0.8, 1.2] {
                chart.draw_series(LineSeries::new(contour(level), CONTOUR.stroke_width(2 * THIN)))?;
            }
            add_line(&mut chart, "path", colour, path.iter().map(|&[x, y]| (x, y)).collect())?;
            let ends = [path[0], path[STEPS]].map(|[x, y]| (x, y));
            chart.draw_series([
                Circle::new(ends[0], 8, BLACK.stroke_width(THICK)),
                Circle::new(ends[1], 8, BLACK.filled()),
            ])?;
        }
        Ok(())
    })
}

/// Returns the points of the ellipse on which the bowl has this height.
fn contour(level: f32) -> Vec<(f32, f32)> {
    (0..=120)
        .map(|index| {
            let (y, x) = (index as f32 * std::f32::consts::TAU / 120.0).sin_cos();
            let scale = (level / height([x, y])).sqrt();
            (x * scale, y * scale)
        })
        .collect()
}
