//! Data augmentation: images that are distorted anew each time they are drawn, so that a network never sees one twice.
//!
//! # Example
//! ```
//! use ch11_core::data::{Augmentation, Dataset};
//!
//! let digit: Vec<u8> = (0..784).map(|pixel| if (380..400).contains(&pixel) { 255 } else { 0 }).collect();
//! let digits = Dataset::<784>::from_pixels(digit, vec![7], 10);
//! let distorter = Augmentation::ELASTIC.distorter();
//! assert_eq!(distorter.distorted(&digits, 1), distorter.distorted(&digits, 1));
//! assert_ne!(distorter.distorted(&digits, 1), distorter.distorted(&digits, 2));
//! assert_eq!(Augmentation::OFF.distorter().distorted(&digits, 1), digits);
//! ```

mod distorter;

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

pub use distorter::{Distorter, Drawn};

/// How far images of digits are distorted at most. Each distortion is drawn uniformly up to its strength, either way; a
/// strength of 0 leaves it out.
///
/// P. Simard, D. Steinkraus and J. Platt, [Best Practices for Convolutional Neural Networks Applied to Visual Document
/// Analysis](https://doi.org/10.1109/ICDAR.2003.1227801), 2003, expand MNIST by affine and elastic distortions. Theirs are
/// the method and the Gaussian of 4 pixels, of their section 2; our 30 is slightly below their 34. The affine strengths are
/// those that are usual for MNIST.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Augmentation {
    /// Rotation about the middle of the image, in degrees.
    pub rotation: f32,
    /// Change of size, as a fraction, below 1.
    pub scale: f32,
    /// Shear: how far a row moves along for each row that it lies below the middle.
    pub shear: f32,
    /// Shift across and down, in pixels.
    pub shift: f32,
    /// Elastic displacement of every pixel, across and down: this times a random number from -1 to 1 for each pixel, over
    /// which a Gaussian has gone. From 30, and a Gaussian of 4 pixels, come displacements of 1.2 pixels (root mean square).
    pub elastic: f32,
    /// The standard deviation of that Gaussian, in pixels, at least 2.5: below it, displacements would be too rough for
    /// handwriting. Without an elastic displacement, it does not count.
    pub smoothness: f32,
}

impl Augmentation {
    /// None: images are drawn as they are.
    pub const OFF: Self = Self { rotation: 0.0, scale: 0.0, shear: 0.0, shift: 0.0, elastic: 0.0, smoothness: 0.0 };

    /// Shifts by up to two pixels.
    pub const SHIFT: Self = Self { shift: 2.0, ..Self::OFF };

    /// Rotation, change of size, shear, and shifts by up to one and a half pixels.
    pub const AFFINE: Self = Self { rotation: 10.0, scale: 0.12, shear: 0.1, shift: 1.5, ..Self::OFF };

    /// All of those, and elastic displacements as those of Simard, Steinkraus and Platt, slightly weaker.
    pub const ELASTIC: Self = Self { elastic: 30.0, smoothness: 4.0, ..Self::AFFINE };

    /// The names of these four, as on a command line.
    pub const NAMES: [&str; 4] = ["off", "shift", "affine", "elastic"];

    const NAMED: [Self; 4] = [Self::OFF, Self::SHIFT, Self::AFFINE, Self::ELASTIC];

    /// Returns whether images are drawn as they are.
    pub fn is_off(&self) -> bool {
        self.strengths()[..5] == [0.0; 5]
    }

    /// Gets ready to distort images.
    ///
    /// # Panics
    /// If a strength is negative or not finite, the change of size is not below 1, or the Gaussian is too narrow.
    pub fn distorter(self) -> Distorter {
        Distorter::new(self)
    }

    /// Says that images are distorted, after how many they are; nothing, without augmentation.
    pub(crate) fn in_words(&self) -> String {
        if self.is_off() { String::new() } else { format!(", augmented ({self})") }
    }

    /// Adds all strengths to a digest of what a fit is trained on; none, without augmentation.
    pub(crate) fn add_to(&self, digest: Sha256) -> Sha256 {
        if self.is_off() { digest } else { digest.chain_update(self.strengths().map(f32::to_le_bytes).concat()) }
    }

    /// Returns all strengths, in the order of the fields.
    pub fn strengths(&self) -> [f32; 6] {
        let Self { rotation, scale, shear, shift, elastic, smoothness } = *self;
        [rotation, scale, shear, shift, elastic, smoothness]
    }
}

/// The name, or the strengths of an augmentation without one.
impl fmt::Display for Augmentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = Self::NAMES.iter().zip(Self::NAMED).find(|(_, named)| named == self) {
            return f.write_str(name);
        }
        let Self { rotation, scale, shear, shift, elastic, smoothness } = self;
        write!(f, "rotation {rotation}, scale {scale}, shear {shear}, shift {shift}, elastic {elastic}")?;
        if *elastic == 0.0 { Ok(()) } else { write!(f, " by {smoothness}") }
    }
}

impl FromStr for Augmentation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::NAMES.iter().zip(Self::NAMED).find(|(name, _)| **name == text);
        named.map(|(_, named)| named).ok_or_else(|| format!("one of {} is needed", Self::NAMES.join(", ")))
    }
}
