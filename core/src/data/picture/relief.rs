//! What stands out of paper.

use std::collections::VecDeque;

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::filter::gaussian_blur_f32;

use super::digit::LEAST_CONTRAST;
use super::median;
use super::scene::Scene;
use super::surface;

/// Strokes are narrower than this part of a picture's shorter side; what is wider both ways is paper of another brightness.
const WIDEST: f64 = 0.4;
/// Noise below so many grey levels is left as it is.
const LEAST_NOISE: f32 = 1.5;

/// By how many grey levels each pixel stands out of the paper.
pub(super) struct Relief {
    pub(super) depth: Image<Luma<f32>>,
    /// The standard deviation of noise, in grey levels, that is left.
    pub(super) noise: f32,
}

/// Finds what is darker than the paper around it, and what is lighter.
pub(super) fn reliefs(scene: &Scene) -> [Relief; 2] {
    let noise = noise(scene);
    let (grey, noise) = calmed(&scene.grey, noise);
    let paper = surface::paper(scene);
    [1.0, -1.0].map(|sign| {
        let mut depth = Image::from_fn(grey.width(), grey.height(), |x, y| {
            let there = scene.there.get_pixel(x, y).0[0] > 0;
            let depth = sign * (paper.get_pixel(x, y).0[0] - grey.get_pixel(x, y).0[0]);
            Luma([if there { depth.max(0.0) } else { 0.0 }])
        });
        let wide =
            if depth.iter().all(|depth| *depth < f32::from(LEAST_CONTRAST)) { depth.clone() } else { opened(&depth) };
        depth.iter_mut().zip(wide.iter()).for_each(|(depth, wide)| *depth -= wide);
        Relief { depth, noise }
    })
}

/// Estimates the standard deviation of noise from how far pixels are from the mean of their neighbours to the left and right.
fn noise(scene: &Scene) -> f32 {
    let last = scene.grey.width().saturating_sub(1);
    let off = scene.samples().filter(|&(x, _)| x > 0 && x < last).map(|(x, y)| {
        let [left, middle, right] = [x - 1, x, x + 1].map(|x| f64::from(scene.grey.get_pixel(x, y).0[0]));
        (middle - (left + right) / 2.0).abs()
    });
    // Noise of deviation 1 in each of the three leaves one of the square root of 3/2, whose median is 0.67449 of that.
    (median(off.collect()).unwrap_or(0.0) / 0.67449 / 1.5_f64.sqrt()) as f32
}

/// Blurs noise away, as far as strokes allow.
fn calmed(grey: &GrayImage, noise: f32) -> (Image<Luma<f32>>, f32) {
    let grey = imageproc::map::map_pixels(grey, |pixel| Luma([f32::from(pixel.0[0])]));
    if noise < LEAST_NOISE {
        return (grey, noise);
    }
    let shorter = grey.width().min(grey.height()) as f32;
    let blur = (0.7 + noise / 10.0).min(shorter / 120.0).max(0.3);
    // The mean over a normal distribution's width of pixels, in both directions.
    let left = noise / (2.0 * std::f32::consts::PI.sqrt() * blur).max(1.0);
    (gaussian_blur_f32(&grey, blur), left)
}

/// Flattens all that is narrower than strokes may be wide: a grey opening, with paper beyond the edges.
fn opened(depth: &Image<Luma<f32>>) -> Image<Luma<f32>> {
    let (width, height) = depth.dimensions();
    let reach = ((f64::from(width.min(height)) * WIDEST / 2.0) as usize).max(1);
    let least = along_rows_and_columns(depth, |line| {
        let mut least = extremes(line, reach, |new, old| new <= old);
        let from_edge = reach.min(least.len());
        least[..from_edge].fill(0.0);
        least.iter_mut().rev().take(reach).for_each(|value| *value = 0.0);
        least
    });
    along_rows_and_columns(&least, |line| extremes(line, reach, |new, old| new >= old))
}

/// Filters all rows, then all columns.
fn along_rows_and_columns(image: &Image<Luma<f32>>, filter: impl Fn(&[f32]) -> Vec<f32>) -> Image<Luma<f32>> {
    let mut filtered = image.clone();
    for y in 0..image.height() {
        let row: Vec<f32> = (0..image.width()).map(|x| filtered.get_pixel(x, y).0[0]).collect();
        (0..).zip(filter(&row)).for_each(|(x, value)| filtered.put_pixel(x, y, Luma([value])));
    }
    for x in 0..image.width() {
        let column: Vec<f32> = (0..image.height()).map(|y| filtered.get_pixel(x, y).0[0]).collect();
        (0..).zip(filter(&column)).for_each(|(y, value)| filtered.put_pixel(x, y, Luma([value])));
    }
    filtered
}

/// Returns the extreme among the values up to `reach` away from each; `beats` tells whether a new one does away with an old one.
fn extremes(line: &[f32], reach: usize, beats: impl Fn(f32, f32) -> bool) -> Vec<f32> {
    // The positions of those that may yet become an extreme, the extreme of the window first.
    let mut rivals: VecDeque<usize> = VecDeque::new();
    let mut found = Vec::with_capacity(line.len());
    for end in 0..line.len() + reach {
        if let Some(&new) = line.get(end) {
            while rivals.back().is_some_and(|&old| beats(new, line[old])) {
                rivals.pop_back();
            }
            rivals.push_back(end);
        }
        if let Some(middle) = end.checked_sub(reach) {
            while rivals.front().is_some_and(|&first| first + reach < middle) {
                rivals.pop_front();
            }
            found.extend(rivals.front().map(|&first| line[first]));
        }
    }
    found
}
