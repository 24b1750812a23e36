//! Lines that are printed on the paper: frames, ruled and squared paper.

use std::ops::Range;

use image::Luma;
use image::imageops::rotate90;
use imageproc::definitions::Image;

/// A line covers at least the first fraction of the columns where no ink hides it, and the second fraction of all
/// columns.
const LEAST_COVER: f64 = 0.8;
const LEAST_SEEN: f64 = 0.3;
/// The greatest thickness of a line, as a fraction of the picture's longer side.
const THICKEST: f64 = 1.0 / 40.0;
/// The steepest slope of a line, since paper may lie at an angle.
const STEEPEST: f64 = 0.16;

/// Removes lines that go from edge to edge, nearly horizontally or vertically, from `depth`, and returns how many there
/// were.
pub(super) fn remove(depth: &mut Image<Luma<f32>>, least: f32) -> usize {
    let horizontal = remove_horizontal(depth, least);
    let mut turned = rotate90(depth);
    let vertical = remove_horizontal(&mut turned, least);
    if vertical > 0 {
        *depth = image::imageops::rotate270(&turned);
    }
    horizontal + vertical
}

fn remove_horizontal(depth: &mut Image<Luma<f32>>, least: f32) -> usize {
    let (width, height) = (depth.width() as usize, depth.height() as usize);
    let thickest = ((height.max(width) as f64 * THICKEST) as usize).max(2);
    let marks = marks(depth, least, thickest);
    let thin = marks.iter().filter(|mark| mark.thin).count();
    if height < 4 * thickest || (thin as f64) < LEAST_SEEN * width as f64 {
        return 0;
    }
    let steps = (STEEPEST * width as f64 / 2.0) as i32;
    let best = (-steps..=steps)
        .map(|step| Sheared::new(&marks, f64::from(step) * 2.0 / width as f64, width, height))
        .max_by(|one, other| one.sharpness().total_cmp(&other.sharpness()));
    let Some(sheared) = best else { return 0 };
    let bands = sheared.bands(thickest);
    for band in &bands {
        erase(depth, &sheared, band.clone(), least);
    }
    bands.len()
}

/// A pixel that stands out from the paper.
struct Mark {
    x: usize,
    y: usize,
    /// Whether it is in a vertical run that is as short as a line is thick.
    thin: bool,
}

/// Lists the pixels that stand out by more than `least`.
fn marks(depth: &Image<Luma<f32>>, least: f32, thickest: usize) -> Vec<Mark> {
    let mut marks = Vec::new();
    for x in 0..depth.width() {
        let mut run = 0;
        for y in 0..=depth.height() {
            if y < depth.height() && depth.get_pixel(x, y).0[0] > least {
                run += 1;
            } else if run > 0 {
                let y = y as usize;
                marks.extend((y - run..y).map(|y| Mark { x: x as usize, y, thin: run <= thickest }));
                run = 0;
            }
        }
    }
    marks
}

/// The numbers of thin and of thick marks in each row of a picture, sheared so that lines of this slope become rows.
struct Sheared {
    slope: f64,
    width: usize,
    height: usize,
    thin: Vec<usize>,
    thick: Vec<usize>,
}

impl Sheared {
    fn new(marks: &[Mark], slope: f64, width: usize, height: usize) -> Self {
        let mut sheared = Self { slope, width, height, thin: vec![0; 3 * height], thick: vec![0; 3 * height] };
        let drops: Vec<isize> = (0..width).map(|x| sheared.drop(x)).collect();
        for mark in marks {
            let row = mark.y as isize - drops[mark.x] + height as isize;
            let counts = if mark.thin { &mut sheared.thin } else { &mut sheared.thick };
            if let Some(count) = usize::try_from(row).ok().and_then(|row| counts.get_mut(row)) {
                *count += 1;
            }
        }
        sheared
    }

    /// Returns how much lower a line is at `x` than in the middle.
    fn drop(&self, x: usize) -> isize {
        (self.slope * (x as f64 - self.width as f64 / 2.0)).round() as isize
    }

    /// Returns how clearly the marks lie in lines: the more, the sharper the counts peak.
    fn sharpness(&self) -> f64 {
        self.thin.iter().map(|&count| (count as f64).powi(3)).sum()
    }

    /// Returns the fraction of a row that a line covers, of the columns where no ink hides it.
    fn cover(&self, row: usize) -> f64 {
        let seen = self.width.saturating_sub(self.thick[row]).max(1);
        if (self.thin[row] as f64) < LEAST_SEEN * self.width as f64 { 0.0 } else { self.thin[row] as f64 / seen as f64 }
    }

    /// Returns the rows that each line covers.
    fn bands(&self, thickest: usize) -> Vec<Range<usize>> {
        let mut bands = Vec::new();
        let mut row = 0;
        while row < self.thin.len() {
            let end =
                (row..self.thin.len()).find(|&row| self.cover(row) < LEAST_COVER / 2.0).unwrap_or(self.thin.len());
            let most = (row..end).map(|row| self.cover(row)).fold(0.0, f64::max);
            if most >= LEAST_COVER && end - row <= thickest + 1 {
                bands.push(row..end);
            }
            row = end + 1;
        }
        bands
    }
}

/// Erases a line, except where strokes cross it: they are darker, or go on above and below.
fn erase(depth: &mut Image<Luma<f32>>, sheared: &Sheared, band: Range<usize>, least: f32) {
    let height = sheared.height as isize;
    let [first, last] = [band.start as isize - height - 1, band.end as isize - height];
    let level = level(depth, sheared, &band);
    for x in 0..sheared.width {
        let rows = first + sheared.drop(x)..=last + sheared.drop(x);
        let (above, below) = (rows.start() - 1, rows.end() + 1);
        let ink = |y: isize| (0..height).contains(&y).then(|| depth.get_pixel(x as u32, y as u32).0[0]);
        // There is nothing beyond a frame at the very edge.
        let crossed = [above, below].map(|y| ink(y).unwrap_or(0.0)).into_iter().fold(f32::INFINITY, f32::min);
        for y in rows.filter(|y| (0..height).contains(y)) {
            let pixel = depth.get_pixel_mut(x as u32, y as u32);
            if pixel.0[0] <= 1.4 * level + least / 2.0 {
                pixel.0[0] = if crossed > least { pixel.0[0].min(crossed) } else { 0.0 };
            }
        }
    }
}

/// Returns the median depth of a line.
fn level(depth: &Image<Luma<f32>>, sheared: &Sheared, band: &Range<usize>) -> f32 {
    let mut along: Vec<f32> = (0..sheared.width)
        .filter_map(|x| {
            let rows = band.clone().map(|row| row as isize - sheared.height as isize + sheared.drop(x));
            rows.filter(|y| (0..sheared.height as isize).contains(y))
                .map(|y| depth.get_pixel(x as u32, y as u32).0[0])
                .max_by(f32::total_cmp)
        })
        .collect();
    if along.is_empty() {
        return 0.0;
    }
    let middle = along.len() / 2;
    *along.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: u32 = 200;

    fn picture(paint: impl Fn(f64, f64) -> f32) -> Image<Luma<f32>> {
        Image::from_fn(SIDE, SIDE, |x, y| Luma([paint(f64::from(x), f64::from(y))]))
    }

    fn is_stroke(x: f64, y: f64) -> bool {
        (x - 100.0).abs() < 8.0 && (40.0..160.0).contains(&y)
    }

    fn is_line(at: f64) -> bool {
        at.rem_euclid(30.0) < 2.0
    }

    /// Counts the pixels that are left of the stroke, and of the lines.
    fn left(depth: &Image<Luma<f32>>) -> (usize, usize) {
        let count = |stroke: bool| {
            let deep = |(x, y, depth): &(u32, u32, &Luma<f32>)| {
                depth.0[0] > 12.0 && is_stroke(f64::from(*x), f64::from(*y)) == stroke
            };
            depth.enumerate_pixels().filter(deep).count()
        };
        (count(true), count(false))
    }

    #[test]
    fn ruled_and_squared_paper_is_wiped_and_what_is_written_stays() {
        let all = left(&picture(|x, y| if is_stroke(x, y) { 120.0 } else { 0.0 })).0;
        for level in [40.0, 120.0] {
            for turn in [0.0, 0.06] {
                for squared in [false, true] {
                    let mut depth = picture(|x, y| {
                        let line = is_line(y + turn * x) || squared && is_line(x - turn * y);
                        if is_stroke(x, y) {
                            120.0
                        } else if line {
                            level
                        } else {
                            0.0
                        }
                    });
                    assert!(remove(&mut depth, 12.0) >= 5);
                    let (stroke, lines) = left(&depth);
                    let case = format!("level {level}, turn {turn}, squared {squared}");
                    assert!(stroke >= all * 9 / 10, "{case}: {stroke} of {all}");
                    assert!(lines <= all / 10, "{case}: {lines}");
                }
            }
        }
    }

    #[test]
    fn strokes_are_no_lines() {
        let bar = |x: f64, y: f64| (20.0..180.0).contains(&x) && (y - 60.0).abs() < 7.0;
        let mut depth = picture(|x, y| if bar(x, y) || is_stroke(x, y) { 120.0 } else { 0.0 });
        let before = depth.clone();
        assert_eq!(remove(&mut depth, 12.0), 0);
        assert_eq!(depth, before);
    }
}
