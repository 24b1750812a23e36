//! Images of digits and of weights, as data URLs of PNG files.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use png::{BitDepth, ColorType, Encoder, EncodingError};

use ch11_core::data::{Dataset, PIXELS, SIDE};

/// Neurons in a row of a picture of weights.
const COLUMNS: usize = 10;
/// The most neurons that are shown.
const MOST_NEURONS: usize = 100;
/// Steps from no weight to the largest, in either direction.
const STEPS: u8 = 20;
/// What a negative and a positive weight are drawn in: the blue and the vermilion of Okabe and Ito.
const NEGATIVE: [u8; 3] = [0, 114, 178];
const POSITIVE: [u8; 3] = [213, 94, 0];

/// Digits beside each other, and their caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The grey levels of each digit, `(784)`.
    pub images: Vec<Vec<u8>>,
    /// The lines below them.
    pub caption: Vec<String>,
    /// Whether a network got it wrong.
    pub wrong: bool,
}

/// Returns the grey levels of row `row`: `(784)`.
///
/// # Panics
/// If there is no such row.
pub fn grey_levels(digits: &Dataset<PIXELS>, row: usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    digits.gather(&[row], &mut pixels);
    pixels.into_iter().map(|pixel| (255.0 * pixel).round() as u8).collect()
}

/// Returns an image of a digit, `(784)`, as a data URL.
pub(super) fn of_digit(grey: &[u8]) -> String {
    let file = encode(SIDE, SIDE, ColorType::Grayscale, grey, None);
    data_url(file)
}

/// Returns an image of the weights of a first layer, `(n, 784)`, as a data URL, with its width and height: a square per
/// neuron.
///
/// Blue is negative and vermilion positive; where a weight is 0, the page shows through, light or dark.
pub(super) fn of_weights(weights: &[f32]) -> (String, [usize; 2]) {
    let neurons: Vec<&[f32]> = weights.chunks_exact(PIXELS).take(MOST_NEURONS).collect();
    let columns = COLUMNS.min(neurons.len()).max(1);
    let width = columns * (SIDE + 1) - 1;
    let height = (neurons.len().div_ceil(columns) * (SIDE + 1)).max(2) - 1;
    let full = full_scale(weights);
    let mut indices = vec![STEPS; width * height];
    for (number, neuron) in neurons.iter().enumerate() {
        let corner = (number / columns) * (SIDE + 1) * width + (number % columns) * (SIDE + 1);
        for (y, row) in neuron.chunks_exact(SIDE).enumerate() {
            for (x, weight) in row.iter().enumerate() {
                let steps = f32::from(STEPS) * (weight / full).clamp(-1.0, 1.0);
                indices[corner + y * width + x] = (f32::from(STEPS) + steps).round() as u8;
            }
        }
    }
    let file = encode(width, height, ColorType::Indexed, &indices, Some(palette()));
    (data_url(file), [width, height])
}

/// Returns the absolute weight that is drawn in full colour; one weight in a hundred is larger.
fn full_scale(weights: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    sizes.get(sizes.len() * 99 / 100).copied().unwrap_or(1.0).max(f32::MIN_POSITIVE)
}

/// Returns the colours from the most negative weight to the most positive one, and how opaque each is.
fn palette() -> (Vec<u8>, Vec<u8>) {
    let steps = -i16::from(STEPS)..=i16::from(STEPS);
    let colours = steps.clone().flat_map(|step| if step < 0 { NEGATIVE } else { POSITIVE }).collect();
    let opacities = steps.map(|step| (255 * step.unsigned_abs() / u16::from(STEPS)) as u8).collect();
    (colours, opacities)
}

fn encode(
    width: usize,
    height: usize,
    colour: ColorType,
    pixels: &[u8],
    palette: Option<(Vec<u8>, Vec<u8>)>,
) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    if let Some((colours, opacities)) = palette {
        encoder.set_palette(colours);
        encoder.set_trns(opacities);
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

fn data_url(file: Result<Vec<u8>, EncodingError>) -> String {
    debug_assert!(file.is_ok(), "writing a picture into memory cannot fail");
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(file.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Reads an image back: its size, and four bytes per pixel.
    fn decode(url: &str) -> ((u32, u32), Vec<[u8; 4]>) {
        let file = BASE64_STANDARD.decode(url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut decoder = png::Decoder::new(Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let samples = info.color_type.samples();
        let pixel = |bytes: &[u8]| if samples == 1 { [bytes[0]; 4] } else { bytes.try_into().unwrap() };
        ((info.width, info.height), bytes.chunks_exact(samples).map(pixel).collect())
    }

    #[test]
    fn a_digit_comes_back_pixel_by_pixel() {
        let grey: Vec<u8> = (0..PIXELS).map(|pixel| (7 * pixel % 256) as u8).collect();
        let (size, pixels) = decode(&of_digit(&grey));
        assert_eq!(size, (28, 28));
        assert_eq!(pixels.iter().map(|pixel| pixel[0]).collect::<Vec<_>>(), grey);
    }

    #[test]
    fn weights_are_blue_or_vermilion_as_far_as_they_are_from_0() {
        // Twelve neurons: all weights of the first are negative, of the last positive, of the others 0.
        let mut weights = vec![0.0; 12 * PIXELS];
        weights[..PIXELS].fill(-2.0);
        weights[11 * PIXELS..].fill(1.0);
        let (url, [width, height]) = of_weights(&weights);
        assert_eq!([width, height], [10 * 29 - 1, 2 * 29 - 1]);
        let (size, pixels) = decode(&url);
        assert_eq!(size, (width as u32, height as u32));
        let at = |neuron: usize, x: usize, y: usize| pixels[(neuron / 10 * 29 + y) * width + neuron % 10 * 29 + x];
        assert_eq!(at(0, 3, 5), [0, 114, 178, 255]);
        assert_eq!(at(11, 27, 27), [213, 94, 0, 127]);
        assert_eq!(at(1, 0, 0)[3], 0);
    }

    #[test]
    fn no_weights_break_the_picture() {
        for weights in [vec![], vec![0.0; PIXELS], vec![f32::NAN; PIXELS], vec![f32::INFINITY; 200 * PIXELS]] {
            decode(&of_weights(&weights).0);
        }
    }
}
