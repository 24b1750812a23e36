//! Digits drawn by this program, for use where MNIST is not available: not handwriting, and no substitute for MNIST's
//! results.
//!
//! Each digit is written in one of a few ways, with strokes that are shaken point by point, bent, slanted, turned and
//! stretched, and with a pen of its own. The same [`DrawnDigits`] give the same digits, whatever the number of threads.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

use super::digits::TRAINING_IMAGES_PER_VALIDATION_IMAGE;
use super::shapes::{SHAPES, Stroke};
use super::strokes::{Picture, Point, smooth};
use super::{Dataset, Digits, Origin, PIXELS, Source};

/// How many images of each digit MNIST's training set has.
const MNIST_TRAINING_COUNTS: [usize; 10] = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
/// How many images of each digit MNIST's test set has.
const MNIST_TEST_COUNTS: [usize; 10] = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];

/// What to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawnDigits {
    /// How many images.
    pub size: Size,
    /// The seed of all randomness.
    pub seed: u64,
}

impl Default for DrawnDigits {
    /// As many as in MNIST, from seed 42.
    fn default() -> Self {
        Self { size: Size::MNIST, seed: 42 }
    }
}

/// How many images to draw. Each digit has the same share as in MNIST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Training and validation images together; the first twelfth is for validation.
    pub training: usize,
    /// Test images.
    pub test: usize,
}

impl Size {
    /// MNIST's own size: 55,000 for training, 5,000 for validation, 10,000 for testing.
    pub const MNIST: Self = Self { training: 60_000, test: 10_000 };
}

impl DrawnDigits {
    /// Draws the digits.
    ///
    /// # Example
    /// ```
    /// use ch11_core::data::synthetic::{DrawnDigits, Size};
    ///
    /// let digits = DrawnDigits { size: Size { training: 120, test: 20 }, seed: 1 }.draw();
    /// assert_eq!((digits.train.len(), digits.validation.len(), digits.test.len()), (110, 10, 20));
    /// ```
    pub fn draw(&self) -> Digits {
        let Size { training, test } = self.size;
        let mut shuffler = ChaCha8Rng::seed_from_u64(self.seed);
        let mut labels = apportion(training, &MNIST_TRAINING_COUNTS);
        labels.shuffle(&mut shuffler);
        let mut test_labels = apportion(test, &MNIST_TEST_COUNTS);
        test_labels.shuffle(&mut shuffler);
        let train_labels = labels.split_off(training / TRAINING_IMAGES_PER_VALIDATION_IMAGE);

        let mut drawn = 0;
        let mut dataset = |labels: Vec<u8>| {
            let pixels = draw_all(&labels, self.seed, drawn);
            drawn += labels.len();
            Dataset::from_pixels(pixels, labels, 10)
        };
        let validation = dataset(labels);
        let train = dataset(train_labels);
        let test = dataset(test_labels);
        Digits { source: Source::Synthetic, origin: Origin::Drawn { seed: self.seed }, train, validation, test }
    }
}

/// Returns `total` labels, in order, in the proportions of `counts`: rounded down, then one more for those with the
/// largest remainders.
fn apportion(total: usize, counts: &[usize; 10]) -> Vec<u8> {
    let sum: usize = counts.iter().sum();
    let mut shares = counts.map(|count| count * total / sum);
    let mut by_loss: Vec<usize> = (0..10).collect();
    by_loss.sort_by_key(|&digit| std::cmp::Reverse(counts[digit] * total % sum));
    let missing = total - shares.iter().sum::<usize>();
    for &digit in &by_loss[..missing] {
        shares[digit] += 1;
    }
    (0..10).zip(shares).flat_map(|(digit, share)| std::iter::repeat_n(digit, share)).collect()
}

/// Draws one image per label; the first is image number `first` of this seed.
fn draw_all(labels: &[u8], seed: u64, first: usize) -> Vec<u8> {
    let mut pixels = vec![0; labels.len() * PIXELS];
    pixels.par_chunks_exact_mut(PIXELS).zip(labels).enumerate().for_each(|(index, (image, &digit))| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream((first + index) as u64 + 1);
        draw_digit(digit, image, &mut random);
    });
    pixels
}

fn draw_digit(digit: u8, image: &mut [u8], random: &mut impl Rng) {
    let ways = SHAPES[usize::from(digit)];
    let way = ways[random.gen_range(0..ways.len())];
    let hand = Hand::new(random);
    let mut curves: Vec<Vec<Point>> = way.iter().map(|stroke| hand.write(stroke, random)).collect();
    fit(&mut curves, random);

    let radius = (1.25 + 0.3 * normal(random)).clamp(0.6, 2.0);
    let mut picture = Picture::blank();
    for curve in &curves {
        picture.draw(curve, radius, 1.3);
    }
    for (pixel, &ink) in image.iter_mut().zip(picture.ink()) {
        if ink > 0.0 {
            *pixel = (255.0 * ink * (1.0 - 0.15 * random.gen_range(0.0..1.0_f32))).round() as u8;
        }
    }
}

/// What the strokes of one digit have in common.
struct Hand {
    /// The standard deviation of each point of a stroke.
    shake: f32,
    /// Turns, slants and stretches: x and y after that, by x and y before.
    matrix: [[f32; 2]; 2],
    /// Strength and phase of a wave that bends x by y, and of one that bends y by x.
    bends: [(f32, f32); 2],
}

impl Hand {
    fn new(random: &mut impl Rng) -> Self {
        let (sin, cos) = (0.17 * normal(random)).sin_cos();
        let slant = 0.1 + 0.22 * normal(random);
        let width = (0.85 + 0.17 * normal(random)).clamp(0.45, 1.4);
        let bend = |random: &mut _| (0.04 * normal(random), random_angle(random));
        Self {
            shake: 0.03,
            matrix: [[cos * width, -cos * slant - sin], [sin * width, cos - sin * slant]],
            bends: [bend(random), bend(random)],
        }
    }

    fn write(&self, stroke: Stroke, random: &mut impl Rng) -> Vec<Point> {
        let mut shaken: Vec<Point> = Vec::with_capacity(stroke.len());
        for (index, &(x, y)) in stroke.iter().enumerate() {
            let is_corner = index > 0 && stroke[index - 1] == (x, y);
            let mut shake = |hundredths: u8| f32::from(hundredths) / 100.0 + self.shake * normal(random);
            shaken.push(if is_corner { shaken[index - 1] } else { (shake(x), shake(y)) });
        }
        smooth(&shaken).into_iter().map(|point| self.place(point)).collect()
    }

    fn place(&self, (x, y): Point) -> Point {
        let [(x_strength, x_phase), (y_strength, y_phase)] = self.bends;
        let (x, y) = (x + x_strength * (5.0 * y + x_phase).sin(), y + y_strength * (5.0 * x + y_phase).sin());
        let [[xx, xy], [yx, yy]] = self.matrix;
        (xx * x + xy * y, yx * x + yy * y)
    }
}

/// Moves and scales curves so that they fill about 19 of the 28 pixels around the centre, as MNIST's digits do.
fn fit(curves: &mut [Vec<Point>], random: &mut impl Rng) {
    let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
    for &(x, y) in curves.iter().flatten() {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    let size = (18.0 + 1.3 * normal(random)).clamp(13.0, 21.0);
    let scale = size / (high.0 - low.0).max(high.1 - low.1);
    let mut middle = || (13.5 + 1.2 * normal(random)).clamp(11.0, 16.0);
    let (x_middle, y_middle) = (middle(), middle());
    for (x, y) in curves.iter_mut().flatten() {
        *x = x_middle + scale * (*x - (low.0 + high.0) / 2.0);
        *y = y_middle + scale * (*y - (low.1 + high.1) / 2.0);
    }
}

fn normal(random: &mut impl Rng) -> f32 {
    random.sample(StandardNormal)
}

fn random_angle(random: &mut impl Rng) -> f32 {
    random.gen_range(0.0..std::f32::consts::TAU)
}
