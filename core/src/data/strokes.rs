//! Pen strokes as smooth curves through points, and as pixels.

use super::{PIXELS, SIDE};

/// A point: x to the right, y down.
pub(super) type Point = (f32, f32);

/// How many points a curve has between two points of its stroke.
const STEPS: usize = 6;

/// Returns points along a smooth curve through `points`, close enough together to be joined by straight lines.
///
/// The curve is a Catmull-Rom spline: at each point, it is parallel to the line between the point's neighbours.
pub(super) fn smooth(points: &[Point]) -> Vec<Point> {
    let at = |index: isize| points[index.clamp(0, points.len() as isize - 1) as usize];
    let mut curve = Vec::with_capacity(points.len() * STEPS);
    for index in 0..points.len() as isize - 1 {
        let (before, start, end, after) = (at(index - 1), at(index), at(index + 1), at(index + 2));
        let between = |before: f32, start: f32, end: f32, after: f32, t: f32| {
            let (slope, slope_end) = ((end - before) / 2.0, (after - start) / 2.0);
            let (a, b) = (2.0 * (start - end) + slope + slope_end, 3.0 * (end - start) - 2.0 * slope - slope_end);
            ((a * t + b) * t + slope) * t + start
        };
        if start == end {
            continue;
        }
        for step in 0..STEPS {
            let t = step as f32 / STEPS as f32;
            curve.push((between(before.0, start.0, end.0, after.0, t), between(before.1, start.1, end.1, after.1, t)));
        }
    }
    curve.extend(points.last());
    curve
}

/// Ink on 28 x 28 pixels, each from 0 (paper) to 1.
pub(super) struct Picture {
    ink: [f32; PIXELS],
}

impl Picture {
    pub(super) fn blank() -> Self {
        Self { ink: [0.0; PIXELS] }
    }

    /// Draws lines from point to point, in pixels, with a pen of this radius whose edge fades out over `blur` pixels.
    pub(super) fn draw(&mut self, curve: &[Point], radius: f32, blur: f32) {
        for line in curve.windows(2) {
            self.draw_line(line[0], line[1], radius, blur);
        }
    }

    fn draw_line(&mut self, start: Point, end: Point, radius: f32, blur: f32) {
        let reach = radius + blur / 2.0;
        let (columns, rows) = (pixels_near(start.0, end.0, reach), pixels_near(start.1, end.1, reach));
        let along = (end.0 - start.0, end.1 - start.1);
        let length_squared = (along.0 * along.0 + along.1 * along.1).max(f32::MIN_POSITIVE);
        for row in rows {
            for column in columns.clone() {
                let from_start = (column as f32 - start.0, row as f32 - start.1);
                let t = ((from_start.0 * along.0 + from_start.1 * along.1) / length_squared).clamp(0.0, 1.0);
                let distance = length(from_start.0 - t * along.0, from_start.1 - t * along.1);
                let ink = ((reach - distance) / blur).clamp(0.0, 1.0);
                let pixel = &mut self.ink[row * SIDE + column];
                *pixel = pixel.max(ink);
            }
        }
    }

    /// Returns the ink of each pixel, row after row.
    pub(super) fn ink(&self) -> &[f32; PIXELS] {
        &self.ink
    }
}

/// In 64 bits, where no square overflows: what glibc's `hypotf` gives, without a call for each pixel.
fn length(x: f32, y: f32) -> f32 {
    let (x, y) = (f64::from(x), f64::from(y));
    (x * x + y * y).sqrt() as f32
}

fn pixels_near(start: f32, end: f32, reach: f32) -> std::ops::Range<usize> {
    let first = (start.min(end) - reach).ceil().clamp(0.0, SIDE as f32);
    let last = (start.max(end) + reach).floor().clamp(-1.0, SIDE as f32 - 1.0);
    first as usize..(last + 1.0) as usize
}
