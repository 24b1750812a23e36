//! What the times should be, if only multiplications counted.

use ch11_core::data::{Dataset, PIXELS};

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

impl Work {
    /// Returns how many times fewer they are with the cache: as many times as fast as it is if only they took time.
    pub fn times_fewer(self) -> f64 {
        self.frozen as f64 / self.cached as f64
    }
}

/// Images as a first layer takes them: without the pixels that are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Images {
    /// How many there are.
    pub count: usize,
    /// Pixels that are not 0, of all of them together.
    pub nonzero_pixels: usize,
}

impl Images {
    /// Counts the images of a data set, and their pixels that are not 0.
    pub fn of(data: &Dataset<PIXELS>) -> Self {
        let rows: Vec<usize> = (0..data.len()).collect();
        let mut pixels = Vec::new();
        data.gather(&rows, &mut pixels);
        Self { count: data.len(), nonzero_pixels: pixels.iter().filter(|pixel| **pixel != 0.0).count() }
    }

    /// Counts the multiply-adds of their way through so many hidden layers, the first one on the pixels.
    fn through(self, hidden_layers: usize) -> usize {
        self.nonzero_pixels * WIDTH + self.count * (hidden_layers - 1) * WIDTH * WIDTH
    }
}

/// Counts the multiply-adds of an epoch of training an output layer on images.
///
/// Frozen layers have a forward pass alone: one multiply-add a weight and image, but none for a pixel that is 0. The layer above has
/// the same again for its weights' gradient, and none for its inputs', which nothing below would use.
///
/// # Example
/// ```
/// use benches::{Images, Work, epoch};
///
/// let dense = Images { count: 1, nonzero_pixels: 784 };
/// assert_eq!(epoch(5, dense), Work { frozen: 118_400 + 500 + 500, cached: 500 + 500 });
/// let sparse = Images { count: 1, nonzero_pixels: 150 };
/// assert_eq!(epoch(4, sparse), Work { frozen: 15_000 + 30_000 + 500 + 500, cached: 500 + 500 });
/// ```
pub fn epoch(frozen_layers: usize, images: Images) -> Work {
    let output = images.count * 2 * WIDTH * CLASSES;
    Work { frozen: images.through(frozen_layers) + output, cached: output }
}

/// Counts the multiply-adds of a fit: `epochs` of training, each followed by validation, and the cache, made once of both.
///
/// # Example
/// ```
/// use benches::{Images, Work, fit};
///
/// let [train, validation] = [500, 150].map(|count| Images { count, nonzero_pixels: 784 * count });
/// let frozen = 20 * (500 * 119_400 + 150 * 118_900);
/// let cached = 650 * 118_400 + 20 * (500 * 1_000 + 150 * 500);
/// assert_eq!(fit(5, [train, validation], 20), Work { frozen, cached });
/// ```
pub fn fit(frozen_layers: usize, [train, validation]: [Images; 2], epochs: usize) -> Work {
    let training = epoch(frozen_layers, train);
    let output = validation.count * WIDTH * CLASSES;
    let validating = validation.through(frozen_layers);
    Work {
        frozen: epochs * (training.frozen + validating + output),
        cached: train.through(frozen_layers) + validating + epochs * (training.cached + output),
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
