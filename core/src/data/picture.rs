//! Pictures of digits, brought into MNIST's form.
//!
//! The page that `draw` writes does the same in `cli/draw/normalise.js`, operation by operation, so that both get the same pixels.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::PIXELS;
use crate::{Error, Result, disk};

/// Pixels in a row of a digit, and rows.
const SIDE: usize = 28;
/// What the longer side of a digit's strokes is scaled to: MNIST's digits were fitted in a box of 20 by 20 pixels.
const BOX_SIDE: usize = 20;
/// Ink below a tenth counts as none: noise would otherwise widen the box around the strokes.
const FAINTEST: u8 = 26;
/// A picture whose lightest and darkest parts differ by less, of 255, shows nothing.
const LEAST_CONTRAST: u8 = 24;

const MOST_FILE_BYTES: u64 = 64 << 20;
const MOST_PIXELS: u64 = 24_000_000;
const MOST_DECODER_BYTES: u64 = 256 << 20;

const REMEDY: &str = "take a picture of one digit, light on dark or dark on light";

/// Pixels by how much ink is on them, from 0 for none to 255, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ink {
    width: usize,
    height: usize,
    values: Vec<u8>,
}

impl Ink {
    /// Takes rows of `width` pixels.
    ///
    /// # Panics
    /// If the values are no whole rows.
    pub fn new(width: usize, values: Vec<u8>) -> Self {
        let height = values.len().checked_div(width).unwrap_or(0);
        assert_eq!(width * height, values.len(), "whole rows of {width} pixels");
        Self { width, height, values }
    }

    /// Reads a picture, PNG or JPEG, grey or in colours, with transparent parts or without. What its border shows is the background;
    /// what is lighter on a dark one, or darker on a light one, is ink.
    ///
    /// # Errors
    /// If the file cannot be read, is no such picture, has more than 24 million pixels, or shows nothing.
    pub fn read(path: &Path) -> Result<Self> {
        Self::of_file(&disk::read(path, MOST_FILE_BYTES)?, path)
    }

    /// Reads what a file holds; `path` is for errors.
    pub(crate) fn of_file(bytes: &[u8], path: &Path) -> Result<Self> {
        let unfit = |expected: &str, found: String| Error::DamagedFile {
            path: path.to_owned(),
            expected: expected.to_owned(),
            found,
            remedy: REMEDY,
        };
        if bytes.is_empty() {
            return Err(unfit("a PNG or JPEG picture", "an empty file".to_owned()));
        }
        let undecodable = |error: image::ImageError| unfit("a whole PNG or JPEG picture", error.to_string());
        let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(Error::io("read", path))?;
        if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
            return Err(unfit("a PNG or JPEG picture", "a file of another kind".to_owned()));
        }
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MOST_DECODER_BYTES);
        reader.limits(limits);
        let decoder = reader.into_decoder().map_err(undecodable)?;
        let (width, height) = decoder.dimensions();
        let expected = format!("a picture of at most {MOST_PIXELS} pixels");
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(unfit(&expected, format!("{width} x {height}")));
        }
        let picture = DynamicImage::from_decoder(decoder).map_err(undecodable)?.into_rgba8();
        Self::of_pixels(width as usize, picture.as_raw())
            .ok_or_else(|| unfit("a digit that stands out from its background", format!("{width} x {height} alike")))
    }

    /// Tells ink from the background in pixels of red, green, blue and alpha; `None` if all look alike.
    ///
    /// What is transparent is looked at on white and on black, since strokes of one of them can be seen on the other only.
    fn of_pixels(width: usize, pixels: &[u8]) -> Option<Self> {
        let on_white = Grey::of(width, pixels, 255);
        let on_black = Grey::of(width, pixels, 0);
        let grey = if on_black.contrast() > on_white.contrast() { on_black } else { on_white };
        if grey.contrast() < LEAST_CONTRAST {
            return None;
        }
        let background = grey.border();
        let dark = background < 128;
        let mut values = grey.values;
        for value in &mut values {
            *value = if dark { value.saturating_sub(background) } else { background.saturating_sub(*value) };
        }
        let most = f64::from(values.iter().copied().max().filter(|&most| most > 0)?);
        values.iter_mut().for_each(|value| *value = (f64::from(*value) * 255.0 / most + 0.5).floor() as u8);
        Some(Self::new(width, values))
    }

    /// Brings the strokes into MNIST's form, 28 rows of 28 pixels: the box around them is scaled to 20 pixels on its longer side, and
    /// put where their centre of mass is in the middle. `None` if there are no strokes.
    ///
    /// This is how MNIST's own digits were made: <http://yann.lecun.com/exdb/mnist>, "size-normalized and centered".
    ///
    /// # Example
    /// ```
    /// use ch11_core::data::Ink;
    ///
    /// let mut bar = vec![0; 100 * 100]; // 10 wide, 40 high
    /// for row in 30..70 {
    ///     bar[row * 100..][..10].fill(255);
    /// }
    /// let pixels = Ink::new(100, bar).normalised().unwrap();
    /// let inked: Vec<usize> = (0..784).filter(|&pixel| pixels[pixel] > 0).collect();
    /// assert_eq!(inked.len(), 5 * 20);
    /// assert_eq!((inked[0] / 28, inked[0] % 28), (4, 12));
    /// ```
    pub fn normalised(&self) -> Option<[u8; PIXELS]> {
        let Extent { left, top, width, height } = self.extent()?;
        let longer = width.max(height);
        let [columns, rows] = [width, height].map(|side| scaled_side(side, longer));
        // Columns first, then rows: the mean over what of the picture lies under each pixel.
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

/// Takes faint ink as none.
fn strong(ink: u8) -> u8 {
    if ink < FAINTEST { 0 } else { ink }
}

/// Scales a side of the box so that the longer one gets 20 pixels.
fn scaled_side(side: usize, longer: usize) -> usize {
    (((side * BOX_SIDE) as f64 / longer as f64 + 0.5).floor() as usize).max(1)
}

/// Returns the mean of `values`, of which there are `count`, under the pixel `index` of the `pixels` that they are scaled to.
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

/// Returns where the first column and the first row go, so that the centre of mass is in the middle and all stays inside.
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
        let shift = ((SIDE / 2) as f64 - moment / mass + 0.5).floor();
        (shift.max(0.0) as usize).min(SIDE - size)
    };
    (shift(horizontal, columns), shift(vertical, rows))
}

/// A picture's brightness.
struct Grey {
    width: usize,
    values: Vec<u8>,
}

impl Grey {
    /// Puts pixels of red, green, blue and alpha on a background; the weights of the colours are those of ITU-R BT.709.
    fn of(width: usize, pixels: &[u8], background: u8) -> Self {
        let (pixels, _) = pixels.as_chunks();
        let values = pixels.iter().map(|&[red, green, blue, alpha]| {
            let luminance = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
            let alpha = f64::from(alpha) / 255.0;
            (alpha * luminance + (1.0 - alpha) * f64::from(background) + 0.5).floor() as u8
        });
        Self { width, values: values.collect() }
    }

    fn contrast(&self) -> u8 {
        let lightest = self.values.iter().max().copied().unwrap_or(0);
        lightest - self.values.iter().min().copied().unwrap_or(0)
    }

    /// Returns the median of the pixels at the border.
    fn border(&self) -> u8 {
        let rows: Vec<&[u8]> = self.values.chunks_exact(self.width).collect();
        let first_and_last = rows.first().into_iter().chain(rows.last()).flat_map(|row| row.iter());
        let sides = rows.iter().flat_map(|row| row.first().into_iter().chain(row.last()));
        let mut border: Vec<u8> = first_and_last.chain(sides).copied().collect();
        border.sort_unstable();
        border.get(border.len() / 2).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder};

    use super::*;

    const WIDTH: usize = 60;
    const HEIGHT: usize = 90;

    /// A 7 of strokes 6 pixels wide: `paint(inked)` makes a pixel.
    fn seven<const N: usize>(paint: impl Fn(bool) -> [u8; N]) -> Vec<u8> {
        let inked = |x: usize, y: usize| {
            let bar = (12..18).contains(&y) && (15..45).contains(&x);
            let slant = (18..78).contains(&y) && x.abs_diff(42 - (y - 18) / 3) < 3;
            bar || slant
        };
        (0..WIDTH * HEIGHT).flat_map(|pixel| paint(inked(pixel % WIDTH, pixel / WIDTH))).collect()
    }

    fn png(pixels: &[u8], colour: ExtendedColorType) -> Vec<u8> {
        let mut file = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut file);
        encoder.write_image(pixels, WIDTH as u32, HEIGHT as u32, colour).unwrap();
        file
    }

    fn read(file: &[u8]) -> Result<Ink> {
        Ink::of_file(file, Path::new("seven.png"))
    }

    #[test]
    fn however_it_is_painted_it_is_the_same_digit() {
        let expected = Ink::new(WIDTH, seven(|ink| [if ink { 255 } else { 0 }])).normalised().unwrap();
        let pictures = [
            ("light on dark", png(&seven(|ink| [if ink { 255 } else { 0 }]), ExtendedColorType::L8)),
            ("dark on light", png(&seven(|ink| [if ink { 0 } else { 255 }]), ExtendedColorType::L8)),
            ("pale", png(&seven(|ink| [if ink { 150 } else { 200 }]), ExtendedColorType::L8)),
            ("colours", png(&seven(|ink| if ink { [20, 40, 160] } else { [250, 240, 200] }), ExtendedColorType::Rgb8)),
            ("black on nothing", png(&seven(|ink| [0, 0, 0, if ink { 255 } else { 0 }]), ExtendedColorType::Rgba8)),
            (
                "white on nothing",
                png(&seven(|ink| [255, 255, 255, if ink { 255 } else { 0 }]), ExtendedColorType::Rgba8),
            ),
            ("grey and alpha", png(&seven(|ink| [if ink { 255 } else { 30 }, 255]), ExtendedColorType::La8)),
        ];
        for (name, file) in pictures {
            assert_eq!(read(&file).unwrap().normalised().unwrap(), expected, "{name}");
        }
    }

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

    #[test]
    fn what_is_no_picture_of_a_digit_is_an_error() {
        let whole = png(&seven(|ink| [if ink { 255 } else { 0 }]), ExtendedColorType::L8);
        // A header of 100,000 x 100,000 pixels, with the right checksum.
        let mut huge = whole.clone();
        huge[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
        let crc = huge[12..29].iter().fold(!0_u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        });
        huge[29..33].copy_from_slice(&(!crc).to_be_bytes());
        let blank = png(&[128; WIDTH * HEIGHT], ExtendedColorType::L8);
        let wrong: [(&[u8], &str); 6] = [
            (b"", "found an empty file"),
            (b"GIF89a and so on", "found a file of another kind"),
            (b"no picture at all", "found a file of another kind"),
            (&whole[..whole.len() / 2], "expected a whole PNG or JPEG picture"),
            (&huge, "expected a picture of at most 24000000 pixels, found 100000 x 100000"),
            (&blank, "expected a digit that stands out from its background, found 60 x 90 alike"),
        ];
        for (file, says) in wrong {
            let error = read(file).unwrap_err().to_string();
            assert!(error.starts_with("seven.png: ") && error.contains(says) && error.contains(REMEDY), "{error}");
        }
    }
}
