//! Datasets: labelled rows.

use std::ops::{Range, RangeInclusive};
use std::sync::OnceLock;

use ch11_kernels::{Number, SparseRows};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Labelled rows of `D` features: pixels of digits (`Dataset<784>`), or outputs of layers (`Dataset<100>`).
///
/// Pixels stay bytes, which take a quarter of the memory of floats; they are scaled to `0.0..=1.0` when a batch is
/// taken.
#[derive(Debug, Clone)]
pub struct Dataset<const D: usize> {
    rows: Rows,
    labels: Vec<u8>,
    classes: usize,
    /// The pixels that are not 0; found when they are first needed.
    nonzero: OnceLock<SparseRows<u8>>,
}

impl<const D: usize> PartialEq for Dataset<D> {
    fn eq(&self, other: &Self) -> bool {
        (&self.rows, &self.labels, self.classes) == (&other.rows, &other.labels, other.classes)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Rows {
    Pixels(Vec<u8>),
    Features(Vec<f32>),
}

impl<const D: usize> Dataset<D> {
    /// Makes a dataset of bytes, row after row: `(n * D)` pixels, `(n)` labels below `classes`.
    ///
    /// # Panics
    /// If there are not `D` pixels per label, or a label is not below `classes`.
    pub fn from_pixels(pixels: Vec<u8>, labels: Vec<u8>, classes: usize) -> Self {
        Self::new(pixels.len(), Rows::Pixels(pixels), labels, classes)
    }

    /// Makes a dataset of floats, row after row: `(n * D)` features, `(n)` labels below `classes`.
    ///
    /// # Panics
    /// If there are not `D` features per label, or a label is not below `classes`.
    pub fn from_features(features: Vec<f32>, labels: Vec<u8>, classes: usize) -> Self {
        Self::new(features.len(), Rows::Features(features), labels, classes)
    }

    fn new(values: usize, rows: Rows, labels: Vec<u8>, classes: usize) -> Self {
        assert_eq!(values, labels.len() * D, "{} labels need {D} values each", labels.len());
        assert!(labels.iter().all(|&label| usize::from(label) < classes), "a label is not below {classes}");
        Self { rows, labels, classes, nonzero: OnceLock::new() }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the number of classes; all labels are below it.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Returns the label of every row: `(n)`.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Returns the number of rows of each class: `(classes)`.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// Returns the SHA-256 of the rows and their labels, so that a resumed fit can check that its data are the same.
    pub fn sha256(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update([D, self.classes, self.len()].map(|number| number as u64).map(u64::to_le_bytes).concat());
        hasher.update(&self.labels);
        match &self.rows {
            Rows::Pixels(pixels) => hasher.update(pixels),
            Rows::Features(features) => features.iter().for_each(|feature| hasher.update(feature.to_le_bytes())),
        }
        hasher.finalize().into()
    }

    /// Copies the rows at `indices` as floats, row after row, into `features`, which is cleared first:
    /// `(indices.len() * D)`.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn gather(&self, indices: &[usize], features: &mut Vec<f32>) {
        features.clear();
        features.reserve(indices.len() * D);
        for &index in indices {
            let row = index * D..(index + 1) * D;
            match &self.rows {
                Rows::Pixels(pixels) => features.extend(pixels[row].iter().map(|pixel| pixel.float())),
                Rows::Features(values) => features.extend_from_slice(&values[row]),
            }
        }
    }

    /// Copies some features of a row, as floats, to the beginning of `to`.
    pub(crate) fn copy_features(&self, row: usize, features: Range<usize>, to: &mut [f32]) {
        let at = row * D + features.start..row * D + features.end;
        match &self.rows {
            Rows::Pixels(pixels) => {
                to.iter_mut().zip(&pixels[at]).for_each(|(to, pixel)| *to = pixel.float());
            }
            Rows::Features(values) => to[..features.len()].copy_from_slice(&values[at]),
        }
    }

    /// Returns whether the rows are pixels, most of which are 0 in digits.
    pub(crate) fn has_pixels(&self) -> bool {
        matches!(self.rows, Rows::Pixels(_))
    }

    /// Returns the pixels of a row, `(D)`; none if the rows are features.
    pub(super) fn pixels_of(&self, row: usize) -> &[u8] {
        match &self.rows {
            Rows::Pixels(pixels) => &pixels[row * D..(row + 1) * D],
            Rows::Features(_) => &[],
        }
    }

    /// Replaces all rows by others, whose pixels `write` writes, and finds those that are not 0, in the memory that is there.
    pub(super) fn refill(&mut self, labels: impl Iterator<Item = u8>, write: impl Fn(usize, &mut [u8])) {
        let mut sparse = self.nonzero.take().unwrap_or_else(|| SparseRows::of(&[], D));
        let mut pixels = match std::mem::replace(&mut self.rows, Rows::Pixels(Vec::new())) {
            Rows::Pixels(pixels) => pixels,
            Rows::Features(_) => Vec::new(),
        };
        self.labels.clear();
        self.labels.extend(labels);
        pixels.resize(self.labels.len() * D, 0);
        pixels.chunks_exact_mut(D).enumerate().for_each(|(row, pixels)| write(row, pixels));
        sparse.refill(&pixels, D);
        self.rows = Rows::Pixels(pixels);
        self.nonzero = OnceLock::from(sparse);
    }

    /// Returns the pixels that are not 0, if the rows are pixels. A row must have fewer than 65,536.
    pub(crate) fn nonzero(&self) -> Option<&SparseRows<u8>> {
        match &self.rows {
            Rows::Pixels(pixels) => Some(self.nonzero.get_or_init(|| SparseRows::of(pixels, D))),
            Rows::Features(_) => None,
        }
    }

    /// Keeps the first `count` rows of each class, in order, or all rows of a class that has fewer.
    ///
    /// # Example
    /// ```
    /// # use ch11_core::data::Dataset;
    /// let digits = Dataset::<1>::from_pixels(vec![10, 20, 30, 40], vec![0, 0, 1, 0], 2);
    /// assert_eq!(digits.first_of_each(2).labels(), [0, 0, 1]);
    /// ```
    pub fn first_of_each(&self, count: usize) -> Self {
        self.first_of_each_among(0..self.len(), count)
    }

    /// Draws `count` rows of each class, or takes all rows of a class that has fewer, in an order that the seed draws.
    ///
    /// # Example
    /// ```
    /// # use ch11_core::data::Dataset;
    /// let digits = Dataset::<1>::from_pixels(vec![10, 20, 30, 40], vec![0, 0, 1, 0], 2);
    /// assert_eq!(digits.draw_of_each(2, 7).class_counts(), [2, 1]);
    /// assert_eq!(digits.draw_of_each(1, 7), digits.draw_of_each(1, 7));
    /// assert!((0..20).any(|seed| digits.draw_of_each(1, seed) != digits.draw_of_each(1, 7)));
    /// ```
    pub fn draw_of_each(&self, count: usize, seed: u64) -> Self {
        let mut rows: Vec<usize> = (0..self.len()).collect();
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        self.first_of_each_among(rows, count)
    }

    fn first_of_each_among(&self, rows: impl IntoIterator<Item = usize>, count: usize) -> Self {
        let mut seen = vec![0; self.classes];
        let is_kept = |&row: &usize| {
            let seen = &mut seen[usize::from(self.labels[row])];
            *seen += 1;
            *seen <= count
        };
        self.select(&rows.into_iter().filter(is_kept).collect::<Vec<_>>())
    }

    /// Copies the rows at `indices` into a dataset of their own, in that order.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            rows: self.rows.select::<D>(indices),
            labels: indices.iter().map(|&row| self.labels[row]).collect(),
            classes: self.classes,
            nonzero: OnceLock::new(),
        }
    }

    /// Keeps the rows whose label is in `labels`, in order, and renumbers them from 0. The rows move within their memory;
    /// what is then too much is given back.
    ///
    /// # Example
    /// ```
    /// # use ch11_core::data::Dataset;
    /// let digits = Dataset::<1>::from_pixels(vec![50, 60, 70], vec![5, 2, 6], 10);
    /// let five_to_nine = digits.only(5..=9);
    /// assert_eq!(five_to_nine.labels(), [0, 1]);
    /// assert_eq!(five_to_nine.classes(), 5);
    /// ```
    pub fn only(mut self, labels: RangeInclusive<u8>) -> Self {
        let kept: Vec<usize> = (0..self.len()).filter(|&row| labels.contains(&self.labels[row])).collect();
        move_to_front(&mut self.labels, &kept, 1);
        self.labels.iter_mut().for_each(|label| *label -= labels.start());
        match &mut self.rows {
            Rows::Pixels(pixels) => move_to_front(pixels, &kept, D),
            Rows::Features(features) => move_to_front(features, &kept, D),
        }
        Self { rows: self.rows, labels: self.labels, classes: labels.count(), nonzero: OnceLock::new() }
    }
}

/// Keeps the rows of `width` values at `kept`, which ascend.
fn move_to_front<T: Copy>(values: &mut Vec<T>, kept: &[usize], width: usize) {
    for (to, &from) in kept.iter().enumerate() {
        values.copy_within(from * width..(from + 1) * width, to * width);
    }
    values.truncate(kept.len() * width);
    values.shrink_to_fit();
}

impl Rows {
    fn select<const D: usize>(&self, kept: &[usize]) -> Self {
        fn copy<T: Copy>(values: &[T], kept: &[usize], width: usize) -> Vec<T> {
            let mut copied = Vec::with_capacity(kept.len() * width);
            for &row in kept {
                copied.extend_from_slice(&values[row * width..(row + 1) * width]);
            }
            copied
        }
        match self {
            Self::Pixels(pixels) => Self::Pixels(copy(pixels, kept, D)),
            Self::Features(values) => Self::Features(copy(values, kept, D)),
        }
    }
}
