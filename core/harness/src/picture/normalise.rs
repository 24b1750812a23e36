//! Scaling and centring strokes as MNIST does.
//!
//! The page that `draw` writes does the same in `tools/draw/normalise.js`, operation by operation, so that both get the
//! same pixels.

use super::Ink;
use ch11_core::data::{PIXELS, SIDE};

/// The length that the longer side of a digit is scaled to: MNIST's digits fit into a box of 20 by 20 pixels.
const BOX_SIDE: usize = 20;
/// Fainter ink counts as none, or else noise would widen the box around the strokes.
const FAINTEST: u8 = 26;

impl Ink {
    /// Brings the strokes into MNIST's form, 28 rows of 28 pixels: scales the longer side of the box around them to 20
    /// pixels, and puts their centre of mass in the middle. Returns `None` if there are no strokes.
    ///
    /// This is how MNIST's own digits were made: <http://yann.lecun.com/exdb/mnist>, "size-normalized and centered".
    ///
    /// # Example
    /// ```
    /// use ch11_harness::picture::Ink;
    ///
    /// let mut bar = vec![0; 100 * 100]; // 10 wide, 40 high
    /// for row in 30..70 {
    ///     bar[row * 100..][..10].fill(255);
    /// }
    /// let pixels = Ink::new(100, bar).normalised().unwrap();
    /// let inked: Vec<usize> = (0..784).filter(|&pixel| pixels[pixel] > 0).collect();
    /// assert_eq!(inked.len(), 5 * 20);
    /// assert_eq!((inked[0] / 28, inked[0] % 28), (5, 12));
    /// ```
    pub fn normalised(&self) -> Option<[u8; PIXELS]> {
        let Extent { left, top, width, height } = self.extent()?;
        let longer = width.max(height);
        let [columns, rows] = [width, height].map(|side| scaled_side(side, longer));
        // Each pixel becomes the mean of what it covers: along the rows first, then along the columns.
        let mut wide = Vec::with_capacity(columns * height);
        for y in top..top + height {
            let row = &self.values[y * self.width + left..][..width];
            wide.extend((0..columns).map(|column| mean_under(column, columns, width, |x| f64::from(strong(row[x])))));
        }
        let mut small = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            small.extend((0..columns).map(|column| mean_under(row, rows, height, |y| wide[y * columns + column])));
        }
        let most = small.iter().copied().fold(0.0, f64::max);
        let (column_shift, row_shift) = shifts(&small, columns, rows);
        let mut pixels = [0; PIXELS];
        for (row, line) in small.chunks_exact(columns).enumerate() {
            for (column, value) in line.iter().enumerate() {
                pixels[(row + row_shift) * SIDE + column + column_shift] = (value * 255.0 / most + 0.5).floor() as u8;
            }
        }
        Some(pixels)
    }

    /// Finds the box around the strokes.
    fn extent(&self) -> Option<Extent> {
        let inked = |x: usize, y: usize| strong(self.values[y * self.width + x]) > 0;
        let row_inked = |&y: &usize| (0..self.width).any(|x| inked(x, y));
        let top = (0..self.height).find(row_inked)?;
        let bottom = (0..self.height).rfind(row_inked)?;
        let column_inked = |&x: &usize| (top..=bottom).any(|y| inked(x, y));
        let left = (0..self.width).find(column_inked)?;
        let right = (0..self.width).rfind(column_inked)?;
        Some(Extent { left, top, width: right - left + 1, height: bottom - top + 1 })
    }
}

/// A box around strokes.
struct Extent {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// Returns 0 for ink that is too faint.
fn strong(ink: u8) -> u8 {
    if ink < FAINTEST { 0 } else { ink }
}

/// Scales a side of the box by as much as makes the longer one 20 pixels.
fn scaled_side(side: usize, longer: usize) -> usize {
    (((side * BOX_SIDE) as f64 / longer as f64 + 0.5).floor() as usize).max(1)
}

/// Scales `count` values to so many pixels, and returns the mean of the values that the pixel `index` covers.
fn mean_under(index: usize, pixels: usize, count: usize, values: impl Fn(usize) -> f64) -> f64 {
    let start = (index * count) as f64 / pixels as f64;
    let end = ((index + 1) * count) as f64 / pixels as f64;
    let mut sum = 0.0;
    for position in start.floor() as usize..(end.ceil() as usize).min(count) {
        let overlap = end.min((position + 1) as f64) - start.max(position as f64);
        sum += overlap * values(position);
    }
    sum / (end - start)
}

/// Returns the column and the row where the digit begins. They put its centre of mass in column and row 14, counted
/// from 0, as in every one of MNIST's test digits, unless part of it would then be outside of the image.
fn shifts(small: &[f64], columns: usize, rows: usize) -> (usize, usize) {
    let (mut mass, mut horizontal, mut vertical) = (0.0, 0.0, 0.0);
    for (row, line) in small.chunks_exact(columns).enumerate() {
        for (column, value) in line.iter().enumerate() {
            mass += value;
            horizontal += value * (column as f64 + 0.5);
            vertical += value * (row as f64 + 0.5);
        }
    }
    let shift = |moment: f64, size: usize| {
        let shift = ((SIDE / 2 + 1) as f64 - moment / mass).floor();
        (shift.max(0.0) as usize).min(SIDE - size)
    };
    (shift(horizontal, columns), shift(vertical, rows))
}

#[cfg(test)]
mod tests {
    use super::super::seven::{WIDTH, seven};
    use super::*;

    #[test]
    fn size_and_place_in_the_picture_do_not_matter() {
        let ink = Ink::new(WIDTH, seven(|ink| [if ink { 255 } else { 0 }]));
        let expected = ink.normalised().unwrap();
        let mut larger = vec![0; 400 * 500];
        for (pixel, value) in ink.values.iter().enumerate() {
            let (x, y) = (pixel % WIDTH, pixel / WIDTH);
            for (dx, dy) in (0..9).map(|at| (at % 3, at / 3)) {
                larger[(100 + 3 * y + dy) * 400 + 170 + 3 * x + dx] = *value;
            }
        }
        assert_eq!(Ink::new(400, larger).normalised().unwrap(), expected);
    }

    #[test]
    fn a_digit_in_mnists_form_stays_as_it_is() {
        let digit = Ink::new(WIDTH, seven(|ink| [if ink { 255 } else { 0 }])).normalised().unwrap();
        let faint = |value: u8| if value < FAINTEST { 0 } else { value };
        assert_eq!(Ink::new(SIDE, digit.to_vec()).normalised().unwrap(), digit.map(faint));
    }

    #[test]
    fn a_lone_point_and_a_line_have_their_place() {
        let mut dot = vec![0; 10 * 10];
        dot[55] = 255;
        let pixels = Ink::new(10, dot).normalised().unwrap();
        assert_eq!(pixels.iter().filter(|&&pixel| pixel == 255).count(), BOX_SIDE * BOX_SIDE);
        let line = Ink::new(1, vec![255; 1000]).normalised().unwrap();
        assert_eq!(line.iter().filter(|&&pixel| pixel == 255).count(), BOX_SIDE);
        // Its mass is at one end: the centre of mass would push it out of the image.
        let mut comet = vec![30; 10_000];
        comet[0] = 255;
        Ink::new(10_000, comet).normalised().unwrap();
    }

    #[test]
    fn without_strokes_there_is_no_digit() {
        assert_eq!(Ink::new(0, Vec::new()).normalised(), None);
        assert_eq!(Ink::new(5, vec![0; 25]).normalised(), None);
        assert_eq!(Ink::new(5, vec![FAINTEST - 1; 25]).normalised(), None);
    }
}
