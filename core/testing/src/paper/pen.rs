//! A digit of MNIST, enlarged, with a pen of another width.

use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Luma};
use imageproc::distance_transform::euclidean_squared_distance_transform;

const SIDE: usize = 28;

/// How much ink is where, from 0 to 1.
pub(super) struct Strokes {
    pub(super) side: usize,
    pub(super) ink: Vec<f32>,
}

/// Enlarges a digit, and draws it with a pen of `widening` times the width.
pub(super) fn strokes(digit: &[f32], scale: usize, widening: f32) -> Strokes {
    let side = SIDE * scale;
    let small = ImageBuffer::<Luma<f32>, _>::from_raw(SIDE as u32, SIDE as u32, digit.to_vec()).unwrap();
    let large = imageops::resize(&small, side as u32, side as u32, FilterType::Triangle);
    let ink = if widening == 1.0 { large.into_raw() } else { widen(&large, widening) };
    Strokes { side, ink }
}

/// Draws a disc around each point in the middle of strokes, of `widening` times the radius that fits in there.
fn widen(ink: &ImageBuffer<Luma<f32>, Vec<f32>>, widening: f32) -> Vec<f32> {
    let side = ink.width() as usize;
    let outside = GrayImage::from_fn(ink.width(), ink.height(), |x, y| {
        Luma([if ink.get_pixel(x, y).0[0] < 0.5 { 255 } else { 0 }])
    });
    let depths: Vec<f32> = euclidean_squared_distance_transform(&outside).iter().map(|it| it.sqrt() as f32).collect();
    let mut drawn = vec![0.0_f32; side * side];
    for y in 1..side - 1 {
        for x in 1..side - 1 {
            let depth = depths[y * side + x];
            let neighbours = (0..9).map(|at| (y + at / 3 - 1) * side + x + at % 3 - 1);
            // Towards the middle of a stroke, its depth rises by 1 a pixel.
            if depth > 0.0 && neighbours.map(|at| depths[at]).fold(0.0, f32::max) < depth + 0.8 {
                dot(&mut drawn, side, (x, y), (depth * widening).max(1.2));
            }
        }
    }
    drawn
}

/// Draws a disc whose edge fades out over a pixel.
fn dot(ink: &mut [f32], side: usize, (x, y): (usize, usize), radius: f32) {
    let reach = radius as usize + 2;
    for row in y.saturating_sub(reach)..(y + reach).min(side) {
        for column in x.saturating_sub(reach)..(x + reach).min(side) {
            let distance = (column as f32 - x as f32).hypot(row as f32 - y as f32);
            let value = &mut ink[row * side + column];
            *value = value.max((radius + 0.5 - distance).clamp(0.0, 1.0));
        }
    }
}
