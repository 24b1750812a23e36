//! Weights of pixels as images.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::event::Value;
use ch11_core::data::{PIXELS, SIDE};
use ch11_core::nets::NamedTensor;

/// Neurons in a row of the image.
const COLUMNS: usize = 10;
/// The distance between neurons in the image, including a line of one pixel.
const STEP: usize = SIDE + 1;

/// Draws the weights of each neuron as a small image, if there is one per pixel: grey for 0, and white or black for the
/// neuron's largest absolute weight, depending on its sign.
pub(super) fn image(tensor: &NamedTensor) -> Option<Result<Value, ImageError>> {
    let &[neurons, PIXELS] = tensor.shape.as_slice() else { return None };
    let (width, height) = (COLUMNS * STEP + 1, neurons.div_ceil(COLUMNS) * STEP + 1);
    let mut pixels = vec![0; width * height];
    for (neuron, weights) in tensor.values.chunks_exact(PIXELS).enumerate() {
        let corner = (neuron / COLUMNS * STEP + 1) * width + neuron % COLUMNS * STEP + 1;
        let largest = weights.iter().fold(f32::MIN_POSITIVE, |largest, weight| largest.max(weight.abs()));
        for (row, weights) in weights.chunks_exact(SIDE).enumerate() {
            let line = &mut pixels[corner + row * width..][..SIDE];
            line.iter_mut().zip(weights).for_each(|(pixel, weight)| *pixel = (127.5 * (1.0 + weight / largest)) as u8);
        }
    }
    let mut png = Vec::new();
    let (width, height) = (width as u32, height as u32);
    let encoded = PngEncoder::new(&mut png).write_image(&pixels, width, height, ExtendedColorType::L8);
    let tag = format!("weights/{}", tensor.name.trim_end_matches(".weight"));
    Some(encoded.map(|()| Value::grey_image(tag, width, height, png)))
}
