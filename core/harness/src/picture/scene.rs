//! The grey levels of a picture, at a size to work with.

use image::{DynamicImage, GrayImage, Luma, Rgba, RgbaImage};

use super::mapped;

/// The longest side to work with, in pixels: even if a digit is only a tenth of that, its strokes are some pixels wide.
const LONGEST_SIDE: u32 = 640;

/// If the lightest and the darkest pixel of a picture differ by fewer grey levels, it shows nothing.
pub(super) const LEAST_CONTRAST: u8 = 24;

/// About how many pixels are taken as a sample of all.
const SAMPLES: f64 = 2000.0;

/// The grey levels of a picture, and which of its pixels count.
pub(super) struct Scene {
    pub(super) grey: GrayImage,
    /// 255 for pixels that count, 0 for those that are transparent or beside the paper.
    pub(super) mask: GrayImage,
}

/// Shrinks a picture that is larger than needed: each pixel becomes the mean of those that it covers.
pub(super) fn shrunk(picture: DynamicImage) -> RgbaImage {
    let picture = picture.into_rgba8();
    let factor = picture.width().max(picture.height()).div_ceil(LONGEST_SIDE);
    if factor <= 1 {
        return picture;
    }
    let [width, height] = [picture.width(), picture.height()].map(|side| side.div_ceil(factor));
    RgbaImage::from_fn(width, height, |column, row| {
        let columns = column * factor..(column * factor + factor).min(picture.width());
        let rows = row * factor..(row * factor + factor).min(picture.height());
        let count = columns.len() * rows.len();
        mean(rows.flat_map(|y| columns.clone().map(move |x| (x, y))).map(|(x, y)| *picture.get_pixel(x, y)), count)
    })
}

/// Returns the mean of pixels. Their colours are weighted by their opacity.
fn mean(pixels: impl Iterator<Item = Rgba<u8>>, count: usize) -> Rgba<u8> {
    let mut sums = [0_u64; 3];
    let mut opacity = 0;
    for Rgba([red, green, blue, alpha]) in pixels {
        let alpha = u64::from(alpha);
        opacity += alpha;
        sums.iter_mut().zip([red, green, blue]).for_each(|(sum, colour)| *sum += u64::from(colour) * alpha);
    }
    let rounded = |sum: u64, count: u64| (sum + count / 2).checked_div(count).unwrap_or(0) as u8;
    let [red, green, blue] = sums.map(|sum| rounded(sum, opacity));
    Rgba([red, green, blue, rounded(opacity, count as u64)])
}

impl Scene {
    /// Takes a picture for one of paper: transparent pixels lie beside it.
    pub(super) fn of_paper(picture: &RgbaImage) -> Self {
        let mask = |pixel: &Rgba<u8>| Luma([if pixel.0[3] < 255 { 0 } else { 255 }]);
        Self { grey: grey_on(picture, 0), mask: mapped(picture, mask) }
    }

    /// Takes a picture for one of strokes, on white or on black, whichever has more contrast: white strokes can be seen
    /// on black only, and black ones on white.
    pub(super) fn of_shape(picture: &RgbaImage) -> Self {
        let on_white = grey_on(picture, 255);
        let all_opaque = picture.pixels().all(|pixel| pixel.0[3] == 255);
        let on_black = if all_opaque { on_white.clone() } else { grey_on(picture, 0) };
        let grey = if contrast(on_black.iter()) > contrast(on_white.iter()) { on_black } else { on_white };
        let mask = GrayImage::from_pixel(picture.width(), picture.height(), Luma([255]));
        Self { grey, mask }
    }

    /// Returns the grey levels of the pixels that count.
    pub(super) fn seen(&self) -> impl Iterator<Item = &u8> {
        self.grey.iter().zip(self.mask.iter()).filter(|(_, mask)| **mask > 0).map(|(grey, _)| grey)
    }

    /// Returns the places of about two thousand pixels, spread evenly over those that count.
    pub(super) fn samples(&self) -> impl Iterator<Item = (u32, u32)> {
        let (width, height) = self.grey.dimensions();
        let step = (f64::from(width) * f64::from(height) / SAMPLES).sqrt().max(1.0) as usize;
        let places = (0..height).step_by(step).flat_map(move |y| (0..width).step_by(step).map(move |x| (x, y)));
        places.filter(|&(x, y)| self.mask.get_pixel(x, y).0[0] > 0)
    }

    /// Returns whether all of it looks alike.
    pub(super) fn is_blank(&self) -> bool {
        contrast(self.seen()) < LEAST_CONTRAST
    }
}

/// Returns the difference between the lightest and the darkest of some pixels.
fn contrast<'a>(values: impl Iterator<Item = &'a u8>) -> u8 {
    let (darkest, lightest) =
        values.fold((255, 0), |(least, most): (u8, u8), &value| (least.min(value), most.max(value)));
    lightest.saturating_sub(darkest)
}

/// Puts a picture on a background of a grey level, and turns it grey. The weights of the colours are those of ITU-R
/// BT.709.
fn grey_on(picture: &RgbaImage, ground: u8) -> GrayImage {
    mapped(picture, |&Rgba([red, green, blue, alpha])| {
        let luminance = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
        let alpha = f64::from(alpha) / 255.0;
        Luma([(alpha * luminance + (1.0 - alpha) * f64::from(ground) + 0.5).floor() as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_picture_is_shrunk_to_means_and_a_small_one_is_not() {
        let stripes = RgbaImage::from_fn(1302, 9, |x, _| Rgba([if x % 2 == 0 { 10 } else { 30 }, 0, 0, 255]));
        let small = shrunk(DynamicImage::from(stripes));
        assert_eq!(small.dimensions(), (434, 3));
        assert!(small.enumerate_pixels().all(|(_, _, pixel)| pixel.0[0].abs_diff(20) <= 4 && pixel.0[3] == 255));
        let small = RgbaImage::from_fn(640, 5, |x, y| Rgba([x as u8, y as u8, 0, 7]));
        assert_eq!(shrunk(DynamicImage::from(small.clone())), small);
    }

    #[test]
    fn what_is_transparent_has_no_part_in_a_mean() {
        let pixels = [Rgba([200, 100, 50, 255]), Rgba([0, 0, 0, 0])];
        assert_eq!(mean(pixels.into_iter(), 2), Rgba([200, 100, 50, 128]));
        assert_eq!(mean([Rgba([9, 9, 9, 0])].into_iter(), 1), Rgba([0, 0, 0, 0]));
    }
}
