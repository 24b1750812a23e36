//! Digits in pictures, brought into MNIST's form.
//!
//! A picture becomes a `scene` of grey levels, out of which a `sheet` of paper may be cut. Once the light on the paper
//! is estimated (`surface`), what stands out from it is a `relief`, from which printed `lines` are removed. Of the
//! connected `parts` that remain, some are the strokes of the `digit`, which are scaled and centred at last
//! (`normalise`).

mod digit;
mod lines;
mod normalise;
mod parts;
mod read;
mod relief;
mod scene;
mod sheet;
mod surface;
mod whole;

use image::Pixel;
use imageproc::definitions::Image;

/// Pixels by how much ink is on them, from 0 for none to 255, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ink {
    width: usize,
    height: usize,
    values: Vec<u8>,
}

impl Ink {
    /// Makes ink of rows of `width` pixels.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn new(width: usize, values: Vec<u8>) -> Self {
        let height = values.len().checked_div(width).unwrap_or(0);
        assert_eq!(width * height, values.len(), "whole rows of {width} pixels");
        Self { width, height, values }
    }
}

/// Applies a function to each pixel.
fn mapped<P: Pixel, Q: Pixel>(image: &Image<P>, pixel: impl Fn(&P) -> Q) -> Image<Q> {
    Image::from_fn(image.width(), image.height(), |x, y| pixel(image.get_pixel(x, y)))
}

/// Returns the median; `None` if there are no values.
fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod seven {
    //! A picture for tests.

    pub(super) const WIDTH: usize = 60;
    pub(super) const HEIGHT: usize = 90;

    /// A 7 of strokes 6 pixels wide: `paint(inked)` makes a pixel.
    pub(super) fn seven<const N: usize>(paint: impl Fn(bool) -> [u8; N]) -> Vec<u8> {
        let inked = |x: usize, y: usize| {
            let bar = (12..18).contains(&y) && (15..45).contains(&x);
            let slant = (18..78).contains(&y) && x.abs_diff(42 - (y - 18) / 3) < 3;
            bar || slant
        };
        (0..WIDTH * HEIGHT).flat_map(|pixel| paint(inked(pixel % WIDTH, pixel / WIDTH))).collect()
    }
}
