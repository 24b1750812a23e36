//! Reading the digit in a picture file.

use std::io::Cursor;
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage};

use super::Ink;
use super::digit::{self, Unclear};
use super::scene::{self, Scene};
use super::sheet::sheets;
use super::whole::jpeg_has_its_end;
use crate::{Error, Result};
use ch11_core::disk;

const MOST_FILE_BYTES: u64 = 64 << 20;
const MOST_PIXELS: u64 = 24_000_000;
const MOST_DECODER_BYTES: u64 = 256 << 20;

const REMEDY: &str = "take a picture of one digit, light on dark or dark on light";

impl Ink {
    /// Reads a PNG or JPEG picture, grey or coloured, perhaps with transparent parts, and finds the digit in it: the
    /// main strokes of what stands out from the paper, light or dark.
    ///
    /// # Errors
    /// If the file cannot be read, is not such a picture, was cut short, or has more than 24 million pixels;
    /// [`Error::NotOneDigit`] if it shows no digit, or several.
    pub fn read(path: &Path) -> Result<Self> {
        Self::of_file(&disk::read(path, MOST_FILE_BYTES)?, path)
    }

    /// Reads the contents of a file; `path` is for error messages.
    pub(crate) fn of_file(bytes: &[u8], path: &Path) -> Result<Self> {
        let unfit = |expected: &str, found: String| {
            let (path, expected) = (path.to_owned(), expected.to_owned());
            Error::from(ch11_core::Error::DamagedFile { path, expected, found, remedy: REMEDY })
        };
        if bytes.is_empty() {
            return Err(unfit("a PNG or JPEG picture", "an empty file".to_owned()));
        }
        let undecodable = |error: image::ImageError| unfit("a whole PNG or JPEG picture", error.to_string());
        let mut reader =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(ch11_core::Error::io("read", path))?;
        let whole = match reader.format() {
            Some(ImageFormat::Png) => true,
            Some(ImageFormat::Jpeg) => jpeg_has_its_end(bytes),
            _ => return Err(unfit("a PNG or JPEG picture", "a file of another kind".to_owned())),
        };
        if !whole {
            return Err(unfit(
                "a whole PNG or JPEG picture",
                "a file that was cut short, which copying it again may mend".to_owned(),
            ));
        }
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MOST_DECODER_BYTES);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(undecodable)?;
        let (width, height) = decoder.dimensions();
        let expected = format!("a picture of at most {MOST_PIXELS} pixels");
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(unfit(&expected, format!("{width} x {height}")));
        }
        // A camera notes in the file how it was held.
        let orientation = decoder.orientation().map_err(undecodable)?;
        let picture = DynamicImage::from_decoder(decoder).map_err(undecodable)?;
        Self::of_image(picture, orientation, path)
    }

    /// Finds the digit in a picture with this orientation; `path` is for error messages.
    pub(crate) fn of_image(picture: DynamicImage, orientation: Orientation, path: &Path) -> Result<Self> {
        let (width, height) = (picture.width(), picture.height());
        let mut picture = DynamicImage::from(scene::shrunk(picture));
        picture.apply_orientation(orientation);
        Self::of_picture(&picture.into_rgba8()).map_err(|unclear| Error::NotOneDigit {
            path: path.to_owned(),
            found: unclear.description(width, height),
            remedy: REMEDY,
        })
    }

    /// Finds the digit in a picture. What is transparent is taken for what lies beside the paper, or, if no digit is
    /// found like that, beside the strokes.
    fn of_picture(picture: &RgbaImage) -> Result<Self, Unclear> {
        let shape = Scene::of_shape(picture);
        if shape.is_blank() {
            return Err(Unclear::Nothing);
        }
        let opaque = picture.pixels().filter(|pixel| pixel.0[3] == 255).count();
        let is_paper = opaque < picture.pixels().len() && 2 * opaque > picture.pixels().len();
        let paper = is_paper.then(|| Scene::of_paper(picture));
        for scene in paper.into_iter().chain(sheets(&shape)) {
            match digit::find(&scene) {
                Err(Unclear::Nothing | Unclear::NoDigit) => {}
                found => return found,
            }
        }
        digit::find(&shape)
    }
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder};

    use super::super::seven::{HEIGHT, WIDTH, seven};
    use super::*;

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
            ("darker on dark", png(&seven(|ink| [if ink { 20 } else { 90 }]), ExtendedColorType::L8)),
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
            (&blank, "expected a digit that stands out from its background, found 60 x 90 pixels that all look alike"),
        ];
        for (file, says) in wrong {
            let error = read(file).unwrap_err().to_string();
            assert!(error.starts_with("seven.png: ") && error.contains(says) && error.contains(REMEDY), "{error}");
        }
    }

    #[test]
    fn a_jpeg_that_was_cut_anywhere_is_an_error() {
        for name in ["good-colours.jpg", "good-progressive.jpg"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/picture");
            let whole = std::fs::read(folder.join(name)).unwrap();
            read(&whole).unwrap();
            for percent in 0..100 {
                let error = read(&whole[..whole.len() * percent / 100]).unwrap_err().to_string();
                assert!(error.contains("PNG or JPEG picture, found"), "{name}, {percent} %: {error}");
            }
        }
    }

    #[test]
    fn paper_with_transparent_corners_is_paper() {
        let is_corner = |x: usize, y: usize| x.min(WIDTH - 1 - x) + y.min(HEIGHT - 1 - y) < 12;
        let mut pixels = seven(|ink| if ink { [150, 150, 150, 255] } else { [235, 230, 220, 255] });
        let expected = read(&png(&pixels, ExtendedColorType::Rgba8)).unwrap().normalised();
        for corner in (0..WIDTH * HEIGHT).filter(|pixel| is_corner(pixel % WIDTH, pixel / WIDTH)) {
            pixels[4 * corner..][..4].fill(0);
        }
        assert_eq!(read(&png(&pixels, ExtendedColorType::Rgba8)).unwrap().normalised(), expected);
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_pixels_are_there_is_ink_or_none(
            width in 1_u32..70,
            height in 1_u32..70,
            scale in 1_u32..12,
            colours in proptest::collection::vec(proptest::array::uniform4(proptest::prelude::any::<u8>()), 1..40),
        ) {
            let colour = |x: u32, y: u32| colours[((x / scale) * 31 + (y / scale) * 17) as usize % colours.len()];
            let picture = RgbaImage::from_fn(width, height, |x, y| image::Rgba(colour(x, y)));
            if let Ok(ink) = Ink::of_picture(&picture) {
                proptest::prop_assert_eq!(ink.normalised().unwrap().into_iter().max(), Some(255));
            }
        }
    }
}
