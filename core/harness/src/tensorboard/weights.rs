//! Weights on pixels as pictures.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::event::Value;
use ch11_core::data::{PIXELS, SIDE};
use ch11_core::nets::NamedTensor;

/// Neurons in a row of the picture.
const COLUMNS: usize = 10;
/// The distance of neurons in the picture, a line of one pixel between them.
const STEP: usize = SIDE + 1;

/// Draws the weights of each neuron, if they are on pixels, as a small picture: grey for 0, white for the neuron's largest weight by amount
/// if that is positive, black for the same below 0.
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
