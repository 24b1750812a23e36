//! How images are distorted.

use ch11_kernels::{Affine, Displacement, LANES, SmoothField, warp};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Augmentation;
use crate::data::{Dataset, PIXELS};

/// A row of a dataset, and the seed that its distortion is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// The row.
    pub row: usize,
    /// The seed; without augmentation, it does not count.
    pub seed: u64,
}

/// An augmentation with what it needs to distort images.
#[derive(Debug, Clone)]
pub struct Distorter {
    augmentation: Augmentation,
    /// How displacements follow from random numbers, if there are any.
    field: Option<SmoothField>,
}

/// Random numbers of a distortion: those of its affine part, and two of 16 bits for each node of its fields.
const AFFINE_NUMBERS: usize = 5;
const MOST_BYTES: usize = 4 * AFFINE_NUMBERS + 2 * 2 * LANES * LANES;

impl Distorter {
    pub(super) fn new(augmentation: Augmentation) -> Self {
        let strengths = augmentation.strengths();
        assert!(
            strengths.iter().all(|it| it.is_finite() && *it >= 0.0),
            "a strength is a number from 0: {strengths:?}"
        );
        assert!(augmentation.scale < 1.0, "a change of size by {}, not by less than 1", augmentation.scale);
        let field = (augmentation.elastic > 0.0).then(|| SmoothField::new(augmentation.smoothness));
        Self { augmentation, field }
    }

    /// Draws an image, `(784)`, distorted, into `drawn`, `(784)`. The seed alone decides how.
    ///
    /// # Panics
    /// If either has another number of pixels.
    pub fn draw(&self, image: &[u8], seed: u64, drawn: &mut [u8]) {
        if self.augmentation.is_off() {
            return drawn.copy_from_slice(image);
        }
        let nodes = self.field.as_ref().map_or(0, SmoothField::nodes);
        let mut random = [0; MOST_BYTES];
        let random = &mut random[..4 * AFFINE_NUMBERS + 2 * 2 * nodes * nodes];
        ChaCha8Rng::seed_from_u64(seed).fill_bytes(random);
        let (of_affine, of_fields) = random.split_at(4 * AFFINE_NUMBERS);
        let affine = self.affine(of_affine);
        let Some(field) = &self.field else { return warp(image, affine, None, drawn) };
        let (across, down) = of_fields.split_at(of_fields.len() / 2);
        let mut numbers = [[[0.0; LANES]; LANES]; 2];
        numbers_at_nodes(self.augmentation.elastic, across, nodes, &mut numbers[0]);
        numbers_at_nodes(self.augmentation.elastic, down, nodes, &mut numbers[1]);
        let numbers = [&numbers[0][..nodes], &numbers[1][..nodes]];
        warp(image, affine, Some(Displacement { field, numbers }), drawn);
    }

    /// Distorts every image of a dataset once.
    ///
    /// # Panics
    /// If the rows are not pixels.
    pub fn distorted(&self, images: &Dataset<PIXELS>, seed: u64) -> Dataset<PIXELS> {
        self.copies(images, 1, seed)
    }

    /// Distorts every image so many times: first one copy of each, in their order, then another of each, and so on.
    ///
    /// # Panics
    /// If the rows are not pixels.
    pub fn copies(&self, images: &Dataset<PIXELS>, count: usize, seed: u64) -> Dataset<PIXELS> {
        let mut seeds = ChaCha8Rng::seed_from_u64(seed);
        let rows = (0..count).flat_map(|_| 0..images.len());
        let drawn: Vec<Drawn> = rows.map(|row| Drawn { row, seed: seeds.next_u64() }).collect();
        self.draw_all(images, &drawn)
    }

    /// Draws these rows, distorted.
    pub(crate) fn draw_all<const D: usize>(&self, images: &Dataset<D>, drawn: &[Drawn]) -> Dataset<D> {
        let mut all = Dataset::from_pixels(Vec::new(), Vec::new(), images.classes());
        self.redraw(images, drawn, &mut all);
        all
    }

    /// Replaces the rows of `to` by these ones, distorted.
    ///
    /// # Panics
    /// If they are not rows of 784 pixels.
    pub(crate) fn redraw<const D: usize>(&self, images: &Dataset<D>, drawn: &[Drawn], to: &mut Dataset<D>) {
        let labels = drawn.iter().map(|it| images.labels()[it.row]);
        to.refill(labels, |row, pixels| {
            let Drawn { row, seed } = drawn[row];
            self.draw(images.pixels_of(row), seed, pixels);
        });
    }

    /// Makes an affine map of five random numbers of four bytes. The digit is sheared, turned, enlarged and shifted; the map
    /// leads back from a pixel to where it comes from.
    fn affine(&self, random: &[u8]) -> Affine {
        let mut numbers = random.as_chunks().0.iter().map(|bytes| {
            let number = f64::from(u32::from_le_bytes(*bytes));
            2.0 * number / f64::from(u32::MAX) - 1.0
        });
        let mut drawn = |strength: f32| f64::from(strength) * numbers.next().unwrap_or_default();
        let Augmentation { rotation, scale, shear, shift, .. } = self.augmentation;
        let (sine, cosine) = drawn(rotation).to_radians().sin_cos();
        let (size, shear) = (1.0 + drawn(scale), drawn(shear));
        let [across, down] = [drawn(shift), drawn(shift)];
        let back = |x: f64, y: f64| [x, y, -(x * across + y * down)].map(|number| number as f32);
        Affine {
            x: back((cosine + shear * sine) / size, (sine - shear * cosine) / size),
            y: back(-sine / size, cosine / size),
        }
    }
}

/// Makes random numbers from `-strength` to `strength` of two bytes each, a row for each row of nodes.
fn numbers_at_nodes(strength: f32, random: &[u8], nodes: usize, numbers: &mut [[f32; LANES]; LANES]) {
    const HALF: f32 = u16::MAX as f32 / 2.0;
    for (row, random) in numbers.iter_mut().zip(random.chunks_exact(2 * nodes)) {
        for (number, bytes) in row.iter_mut().zip(random.as_chunks().0) {
            *number = strength / HALF * (f32::from(u16::from_le_bytes(*bytes)) - HALF);
        }
    }
}
