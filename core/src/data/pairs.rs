//! Pairs of images of the same class or of different classes.

use std::ops::Range;

use rand::Rng;
use rand::seq::SliceRandom;

use super::Dataset;
use crate::{Error, Result};

/// Whether the two images of a pair are of the same class (label 0) or of different classes (label 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Both are of the same class: label 0.
    Same,
    /// They are of different classes: label 1.
    Different,
}

impl Relation {
    /// Returns the relation as a label.
    pub fn label(self) -> u8 {
        self as u8
    }
}

/// Two rows of a dataset, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The row of the first image.
    pub first: usize,
    /// The row of the second image, which is never the first one.
    pub second: usize,
    /// Whether both are of the same class.
    pub relation: Relation,
}

/// A pair, and the seeds that the distortions of its two images are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawnPair {
    /// The pair.
    pub pair: Pair,
    /// The seeds; without augmentation, they do not count.
    pub seeds: [u64; 2],
}

/// Draws balanced pairs from some rows of a dataset. It holds the numbers of the rows and copies no image.
///
/// Half of the pairs of a batch are of the same class and half of different classes, in random order; in an odd batch,
/// the last one is of either kind, with equal probability. Classes are drawn with equal probability, however many
/// images they have, and then images of them. A class without images takes no part.
///
/// # Example
/// ```
/// use ch11_core::data::{Dataset, PairSource};
/// use rand::SeedableRng;
/// use rand_chacha::ChaCha8Rng;
///
/// let digits = Dataset::<1>::from_pixels(vec![0, 1, 2, 3], vec![7, 7, 8, 8], 10);
/// let pairs = PairSource::new(&digits, 0..4)?.draw(6, &mut ChaCha8Rng::seed_from_u64(42));
/// assert_eq!(pairs.iter().filter(|pair| pair.relation.label() == 0).count(), 3);
/// # Ok::<(), ch11_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairSource {
    /// The rows of each class that has any.
    classes: Vec<Vec<usize>>,
}

impl PairSource {
    /// Gathers the classes of the rows `rows` of a dataset.
    ///
    /// # Errors
    /// If fewer than two classes have images, or a class has a single one.
    ///
    /// # Panics
    /// If the dataset does not have these rows.
    pub fn new<const D: usize>(images: &Dataset<D>, rows: Range<usize>) -> Result<Self> {
        let mut classes = vec![Vec::new(); images.classes()];
        for row in rows {
            classes[usize::from(images.labels()[row])].push(row);
        }
        if let Some(class) = classes.iter().position(|rows| rows.len() == 1) {
            return Err(Error::LoneImage { class });
        }
        classes.retain(|rows| !rows.is_empty());
        if classes.len() < 2 {
            return Err(Error::TooFewClasses { classes: classes.len() });
        }
        Ok(Self { classes })
    }

    /// Draws a batch of `count` pairs.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Vec<Pair> {
        let same = count / 2 + if count % 2 == 1 { usize::from(rng.r#gen::<bool>()) } else { 0 };
        let mut pairs: Vec<Pair> =
            (0..count).map(|index| if index < same { self.same(rng) } else { self.different(rng) }).collect();
        pairs.shuffle(rng);
        pairs
    }

    fn same(&self, rng: &mut impl Rng) -> Pair {
        let class = &self.classes[rng.gen_range(0..self.classes.len())];
        let (first, second) = two_of(class.len(), rng);
        Pair { first: class[first], second: class[second], relation: Relation::Same }
    }

    fn different(&self, rng: &mut impl Rng) -> Pair {
        let (first, second) = two_of(self.classes.len(), rng);
        let [first, second] = [first, second].map(|class| {
            let rows = &self.classes[class];
            rows[rng.gen_range(0..rows.len())]
        });
        Pair { first, second, relation: Relation::Different }
    }
}

/// Draws two different numbers below `count`, in random order.
fn two_of(count: usize, rng: &mut impl Rng) -> (usize, usize) {
    let first = rng.gen_range(0..count);
    let second = rng.gen_range(0..count - 1);
    (first, second + usize::from(second >= first))
}
