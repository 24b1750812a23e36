//! What stands out from the paper.

use std::collections::VecDeque;

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::filter::gaussian_blur_f32;

use super::scene::{LEAST_CONTRAST, Scene};
use super::surface;
use super::{mapped, median};

/// The greatest width of a stroke, as a fraction of the picture's shorter side. What is wider in both directions is
/// paper of another brightness.
const WIDEST: f64 = 0.4;
/// Noise of fewer grey levels is left as it is.
const LEAST_NOISE: f32 = 1.5;

/// By how many grey levels each pixel stands out from the paper.
pub(super) struct Relief {
    pub(super) depth: Image<Luma<f32>>,
    /// The standard deviation of the noise that is left, in grey levels.
    pub(super) noise: f32,
}

/// Finds what is darker than the paper around it, and what is lighter.
pub(super) fn reliefs(scene: &Scene) -> [Relief; 2] {
    let noise = noise(scene);
    let (grey, noise) = denoised(&scene.grey, noise);
    let paper = surface::paper(scene);
    [1.0, -1.0].map(|sign| {
        let mut depth = Image::from_fn(grey.width(), grey.height(), |x, y| {
            let mask = scene.mask.get_pixel(x, y).0[0] > 0;
            let depth = sign * (paper.get_pixel(x, y).0[0] - grey.get_pixel(x, y).0[0]);
            Luma([if mask { depth.max(0.0) } else { 0.0 }])
        });
        let wide =
            if depth.iter().all(|depth| *depth < f32::from(LEAST_CONTRAST)) { depth.clone() } else { opening(&depth) };
        depth.iter_mut().zip(wide.iter()).for_each(|(depth, wide)| *depth -= wide);
        Relief { depth, noise }
    })
}

/// Estimates the standard deviation of noise from how far pixels deviate from the mean of their neighbours to the left
/// and right.
fn noise(scene: &Scene) -> f32 {
    let last = scene.grey.width().saturating_sub(1);
    let off = scene.samples().filter(|&(x, _)| x > 0 && x < last).map(|(x, y)| {
        let [left, middle, right] = [x - 1, x, x + 1].map(|x| f64::from(scene.grey.get_pixel(x, y).0[0]));
        (middle - (left + right) / 2.0).abs()
    });
    // If the noise in each of the three pixels has standard deviation 1, this difference has the square root of 3/2;
    // the median of its absolute value is 0.67449 of that.
    (median(off.collect()).unwrap_or(0.0) / 0.67449 / 1.5_f64.sqrt()) as f32
}

/// Blurs noise away, as far as strokes allow.
fn denoised(grey: &GrayImage, noise: f32) -> (Image<Luma<f32>>, f32) {
    let grey = mapped(grey, |pixel| Luma([f32::from(pixel.0[0])]));
    if noise < LEAST_NOISE {
        return (grey, noise);
    }
    let shorter = grey.width().min(grey.height()) as f32;
    let blur = (0.7 + noise / 10.0).min(shorter / 120.0).max(0.3);
    // A Gaussian blur leaves this of noise that is independent from pixel to pixel.
    let left = noise / (2.0 * std::f32::consts::PI.sqrt() * blur).max(1.0);
    (gaussian_blur_f32(&grey, blur), left)
}

/// Removes everything that is no wider than a stroke may be: a grey-scale morphological opening, with bare paper beyond
/// the edges.
fn opening(depth: &Image<Luma<f32>>) -> Image<Luma<f32>> {
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

/// Returns for each value the extreme of those up to `reach` away. `beats` says whether a new value is at least as
/// extreme as an old one.
fn extremes(line: &[f32], reach: usize, beats: impl Fn(f32, f32) -> bool) -> Vec<f32> {
    // The positions of values that may still become an extreme; the first is the extreme of the current window.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn depths(paint: impl Fn(u32, u32) -> u8) -> Image<Luma<f32>> {
        let mask = GrayImage::from_pixel(200, 150, Luma([255]));
        let [dark, _] = reliefs(&Scene { grey: GrayImage::from_fn(200, 150, |x, y| Luma([paint(x, y)])), mask });
        dark.depth
    }

    #[test]
    fn a_stroke_stands_out_by_what_it_is_darker() {
        let depths = depths(|x, y| if (90..110).contains(&x) && (20..130).contains(&y) { 50 } else { 210 });
        let expected = |x: u32, y: u32| if (90..110).contains(&x) && (20..130).contains(&y) { 160.0 } else { 0.0 };
        assert!(depths.enumerate_pixels().all(|(x, y, depth)| depth.0[0] == expected(x, y)));
    }

    #[test]
    fn the_hard_edge_of_a_shadow_does_not_and_a_stroke_across_it_does() {
        let is_stroke = |x: u32, y: u32| (60..140).contains(&x) && (70..80).contains(&y);
        let depths = depths(|x, y| {
            if is_stroke(x, y) {
                20
            } else if x < 100 {
                220
            } else {
                140
            }
        });
        for (x, y, depth) in depths.enumerate_pixels() {
            let depth = depth.0[0];
            assert!(if is_stroke(x, y) { depth > 100.0 } else { depth < 30.0 }, "{depth} in {x}, {y}");
        }
    }

    #[test]
    fn noise_is_measured_and_drawings_have_none() {
        // Two dice each: a deviation of the square root of 35/6, times 3.
        let mut state = 1_u32;
        let mut die = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % 6
        };
        let dice: Vec<u8> = (0..200 * 150).map(|_| (100 + 3 * (die() + die())) as u8).collect();
        let mask = GrayImage::from_pixel(200, 150, Luma([255]));
        let measured = noise(&Scene { grey: GrayImage::from_raw(200, 150, dice).unwrap(), mask: mask.clone() });
        assert!((measured - 7.2).abs() < 1.0, "{measured}");
        assert_eq!(noise(&Scene { grey: mask.clone(), mask }), 0.0);
    }

    #[test]
    fn extremes_are_those_of_a_window() {
        let line = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0];
        assert_eq!(extremes(&line, 1, |new, old| new >= old), [3.0, 4.0, 4.0, 5.0, 9.0, 9.0, 9.0]);
        assert_eq!(extremes(&line, 2, |new, old| new <= old), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
        assert_eq!(extremes(&line[..2], 9, |new, old| new >= old), [3.0, 3.0]);
        assert!(extremes(&[], 3, |new, old| new >= old).is_empty());
    }
}
