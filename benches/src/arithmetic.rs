//! What the times should be, if only multiplications counted.

use std::fmt;

use ch11_core::data::PIXELS;

const WIDTH: usize = 100;
const CLASSES: usize = 5;

/// Multiply-adds with the frozen layers run on every batch, and with their outputs cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Through the frozen layers each time.
    pub frozen: usize,
    /// On the cache.
    pub cached: usize,
}

/// Says how many times fewer they are with the cache, the most that it could gain.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frozen, cached } = *self;
        let gain = frozen as f64 / cached as f64;
        write!(f, "{frozen} multiply-adds through frozen layers, {cached} cached: {gain:.1} times fewer")
    }
}

/// Counts the multiply-adds of an epoch of training on `images`.
///
/// Frozen layers have a forward pass alone: one multiply-add a weight and image. The layer above has the same again for its
/// weights' gradient, and none for its inputs', which nothing below would use.
///
/// # Example
/// ```
/// use benches::{Work, epoch};
///
/// assert_eq!(epoch(5, 1), Work { frozen: 118_400 + 500 + 500, cached: 500 + 500 });
/// assert_eq!(epoch(4, 1), Work { frozen: 108_400 + 500 + 500, cached: 500 + 500 });
/// ```
pub fn epoch(frozen_layers: usize, images: usize) -> Work {
    let output = 2 * WIDTH * CLASSES;
    Work { frozen: images * (forward(frozen_layers) + output), cached: images * output }
}

/// Counts the multiply-adds of a fit: `epochs` of training, each followed by validation, and the cache, made once of both.
///
/// # Example
/// ```
/// use benches::{Work, fit};
///
/// let frozen = 20 * (500 * 119_400 + 150 * 118_900);
/// let cached = 650 * 118_400 + 20 * (500 * 1_000 + 150 * 500);
/// assert_eq!(fit(5, 500, 150, 20), Work { frozen, cached });
/// ```
pub fn fit(frozen_layers: usize, training_images: usize, validation_images: usize, epochs: usize) -> Work {
    let layers = forward(frozen_layers);
    let training = epoch(frozen_layers, training_images);
    let output = WIDTH * CLASSES;
    Work {
        frozen: epochs * (training.frozen + validation_images * (layers + output)),
        cached: (training_images + validation_images) * layers
            + epochs * (training.cached + validation_images * output),
    }
}

/// Weights of the hidden layers above the first one.
pub const ABOVE_FIRST: usize = 4 * WIDTH * WIDTH;

/// What goes through a whole network whose first layer leaves out the pixels that are 0.
#[derive(Debug, Clone, Copy)]
pub struct Passes {
    /// Images, or pairs of them.
    pub images: usize,
    /// Pixels that are not 0, of all images together.
    pub nonzero_pixels: usize,
    /// Weights of all layers above the first one.
    pub weights_above: usize,
}

impl Passes {
    /// Counts the multiply-adds of forward passes.
    pub fn forward(self) -> usize {
        self.nonzero_pixels * WIDTH + self.images * self.weights_above
    }

    /// Counts the multiply-adds of training: forward, for the gradient of the weights, and for that of each layer's inputs,
    /// which the first layer does not need.
    ///
    /// # Example
    /// ```
    /// use benches::{ABOVE_FIRST, Passes};
    ///
    /// let dense = Passes { images: 1, nonzero_pixels: 784, weights_above: ABOVE_FIRST + 500 };
    /// assert_eq!(dense.training(), 3 * 118_900 - 78_400);
    /// ```
    pub fn training(self) -> usize {
        2 * self.nonzero_pixels * WIDTH + 3 * self.images * self.weights_above
    }
}

/// Counts the multiply-adds of an image's way through hidden layers.
fn forward(hidden_layers: usize) -> usize {
    PIXELS * WIDTH + (hidden_layers - 1) * WIDTH * WIDTH
}
