//! How bright the paper is under uneven light, as a smooth surface.

use image::Luma;
use imageproc::definitions::Image;
use nalgebra::{DMatrix, DVector};

use super::median;
use super::scene::Scene;

/// The degrees of the polynomials that are fitted in turn, each to the pixels near the one before.
const DEGREES: [usize; 3] = [1, 2, 4];
/// The number of terms of the last polynomial.
const TERMS: usize = 15;
/// How often each polynomial is fitted, to the pixels near the fit before.
const ROUNDS: usize = 3;
/// The ratio of a normal distribution's standard deviation to its median absolute deviation.
const NORMAL: f64 = 1.4826;
/// A pixel that differs from the paper by fewer grey levels is taken for paper.
const LEAST_NEAR: f64 = 6.0;

/// A pixel's brightness, and the terms of a polynomial at its place.
struct Sample {
    value: f64,
    terms: [f64; TERMS],
    at_border: bool,
}

impl Sample {
    /// Returns how far the brightness is from that of a surface.
    fn off(&self, surface: &DVector<f64>) -> f64 {
        (self.value - surface.iter().zip(&self.terms).map(|(factor, term)| factor * term).sum::<f64>()).abs()
    }
}

/// Estimates how bright the bare paper would be at each pixel.
///
/// Most of the border is taken for paper. A polynomial is fitted to it, then to all pixels that are near the first fit,
/// and so on with polynomials of higher degrees. Where most of the border has exactly one brightness, as in drawings,
/// that is the brightness of all the paper.
pub(super) fn paper(scene: &Scene) -> Image<Luma<f32>> {
    let (width, height) = scene.grey.dimensions();
    let samples: Vec<Sample> = scene.samples().map(|(x, y)| sample(scene, x, y)).collect();
    let border: Vec<f64> = samples.iter().filter(|sample| sample.at_border).map(|sample| sample.value).collect();
    let spread = |level: f64| median(border.iter().map(|value| (value - level).abs()).collect());
    let Some((level, spread)) = median(border.clone()).and_then(|level| Some((level, spread(level)?))) else {
        return Image::new(width, height);
    };
    if spread == 0.0 {
        return Image::from_pixel(width, height, Luma([level as f32]));
    }
    let surface = fitted(&samples, level, spread);
    Image::from_fn(width, height, |x, y| {
        let terms = terms(place(x, width), place(y, height));
        Luma([surface.iter().zip(&terms).map(|(factor, term)| factor * term).sum::<f64>() as f32])
    })
}

/// Fits the surfaces in turn, and returns the coefficients of the last one.
fn fitted(samples: &[Sample], level: f64, spread: f64) -> DVector<f64> {
    let mut surface = DVector::from_element(1, level);
    let mut near = (4.0 * NORMAL * spread).max(LEAST_NEAR);
    for degree in DEGREES {
        for _ in 0..ROUNDS {
            let paper: Vec<&Sample> = samples.iter().filter(|sample| sample.off(&surface) <= near).collect();
            let Some(better) = fit((degree + 1) * (degree + 2) / 2, &paper) else { break };
            surface = better;
            let off = median(paper.iter().map(|sample| sample.off(&surface)).collect());
            near = (3.0 * NORMAL * off.unwrap_or(0.0)).max(LEAST_NEAR);
        }
    }
    surface
}

/// Fits a polynomial of the first `terms` terms by least squares; `None` if there are too few samples.
fn fit(terms: usize, samples: &[&Sample]) -> Option<DVector<f64>> {
    if samples.len() < 4 * terms {
        return None;
    }
    let rows = DMatrix::from_fn(terms, samples.len(), |term, column| samples[column].terms[term]);
    let values = DVector::from_fn(samples.len(), |row, _| samples[row].value);
    let solution = (&rows * rows.transpose()).cholesky()?.solve(&(&rows * values));
    Some(solution)
}

fn sample(scene: &Scene, x: u32, y: u32) -> Sample {
    let (width, height) = scene.grey.dimensions();
    let value = f64::from(scene.grey.get_pixel(x, y).0[0]);
    let (x, y) = (place(x, width), place(y, height));
    Sample { value, terms: terms(x, y), at_border: x.abs().max(y.abs()) > 2.0 / 3.0 }
}

/// Returns the coordinate of a pixel's middle, from -1 to 1.
fn place(at: u32, side: u32) -> f64 {
    (2.0 * f64::from(at) + 1.0) / f64::from(side) - 1.0
}

/// Returns the products of powers of x and y, sorted by their degree.
fn terms(x: f64, y: f64) -> [f64; TERMS] {
    let (x2, y2) = (x * x, y * y);
    let (x3, y3) = (x2 * x, y2 * y);
    [1.0, x, y, x2, x * y, y2, x3, x2 * y, x * y2, y3, x2 * x2, x3 * y, x2 * y2, x * y3, y2 * y2]
}

#[cfg(test)]
mod tests {
    use image::GrayImage;

    use super::*;

    fn scene(paint: impl Fn(f64, f64) -> f64) -> Scene {
        let grey = GrayImage::from_fn(150, 100, |x, y| Luma([paint(place(x, 150), place(y, 100)) as u8]));
        Scene { mask: GrayImage::from_pixel(150, 100, Luma([255])), grey }
    }

    /// A thick stroke across the middle, a sixth of the picture.
    fn is_ink(x: f64, y: f64) -> bool {
        x.abs() < 0.2 && y.abs() < 0.8
    }

    #[test]
    fn paper_of_one_brightness_has_exactly_that() {
        let scene = scene(|x, y| if is_ink(x, y) { 30.0 } else { 201.0 });
        assert!(paper(&scene).iter().all(|&level| level == 201.0));
    }

    #[test]
    fn shade_and_vignette_are_found_under_ink() {
        let lights: [fn(f64, f64) -> f64; 3] = [
            |x, y| 190.0 + 20.0 * x - 15.0 * y,
            |x, y| 230.0 - 40.0 * (x * x + y * y),
            |x, y| 225.0 - 30.0 * (x * x + y * y).powi(2) + 10.0 * y,
        ];
        for light in lights {
            let paper = paper(&scene(|x, y| if is_ink(x, y) { 60.0 } else { light(x, y) }));
            for (x, y, level) in paper.enumerate_pixels() {
                let light = light(place(x, 150), place(y, 100));
                assert!((f64::from(level.0[0]) - light).abs() < 3.0, "{level:?} for {light} in {x}, {y}");
            }
        }
    }

    #[test]
    fn nothing_there_has_no_brightness() {
        let mut scene = scene(|_, _| 9.0);
        scene.mask.fill(0);
        assert!(paper(&scene).iter().all(|&level| level == 0.0));
    }
}
