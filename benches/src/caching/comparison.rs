//! Frozen layers against their cached outputs, and what the difference is made of.

use std::path::Path;

use anyhow::Result;
use ch11_core::data::{Dataset, Digits, PIXELS};

use super::samples::{Estimate, Samples};
use super::{BATCH_SIZES, FIT_BATCH_SIZE, FIT_EPOCHS, FROZEN_LAYERS};
use crate::arithmetic::{Images, Work, epoch, fit};

/// What is timed of an output layer above frozen layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timed {
    /// The training of one epoch, in batches of this size.
    Epoch {
        /// Images in a batch.
        batch_size: usize,
    },
    /// So many epochs in batches of [`FIT_BATCH_SIZE`], the validation after each, and the making of the caches.
    Fit {
        /// How many epochs.
        epochs: usize,
    },
}

impl Timed {
    /// Lists all that is timed.
    pub fn all() -> Vec<Self> {
        let epochs = BATCH_SIZES.map(|batch_size| Self::Epoch { batch_size });
        let fits = FIT_EPOCHS.map(|epochs| Self::Fit { epochs });
        [&epochs[..], &fits[..]].concat()
    }

    /// Returns the name of the group of benchmarks: `frozen_vs_cached/epoch/5 layers`.
    pub fn group(self, frozen_layers: usize) -> String {
        let what = if let Self::Epoch { .. } = self { "epoch" } else { "fit" };
        format!("frozen_vs_cached/{what}/{frozen_layers} layers")
    }

    /// Returns what tells the benchmarks of a group apart.
    pub fn parameter(self) -> usize {
        let (Self::Epoch { batch_size: parameter } | Self::Fit { epochs: parameter }) = self;
        parameter
    }

    fn steps(self, images: usize) -> usize {
        match self {
            Self::Epoch { batch_size } => images.div_ceil(batch_size),
            Self::Fit { epochs } => epochs * images.div_ceil(FIT_BATCH_SIZE),
        }
    }
}

/// Returns the images of exercise 9: 100 of each digit from 5 to 9 for training, and 30 for validation.
pub fn images_of_exercise_9(digits: Digits) -> [Dataset<PIXELS>; 2] {
    let digits = digits.only(5..=9);
    [digits.train.first_of_each(100), digits.validation.first_of_each(30)]
}

/// The times of one benchmark, with the frozen layers and with the cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub frozen_layers: usize,
    pub timed: Timed,
    pub frozen: Samples,
    pub cached: Samples,
    /// Multiply-adds of either.
    pub work: Work,
    /// Steps of training.
    pub steps: usize,
}

impl Comparison {
    /// Reads the newest samples in criterion's folder, if there are any of both.
    fn read(criterion: &Path, frozen_layers: usize, timed: Timed, images: [Images; 2]) -> Result<Option<Self>> {
        // Criterion replaces what cannot be in the name of a file.
        let group = criterion.join(timed.group(frozen_layers).replace('/', "_"));
        let read =
            |way: &str| Samples::read(&group.join(way).join(timed.parameter().to_string()).join("new/sample.json"));
        let (Some(frozen), Some(cached)) = (read("frozen")?, read("cached")?) else { return Ok(None) };
        let work = match timed {
            Timed::Epoch { .. } => epoch(frozen_layers, images[0]),
            Timed::Fit { epochs } => fit(frozen_layers, images, epochs),
        };
        let steps = timed.steps(images[0].count);
        Ok(Some(Self { frozen_layers, timed, frozen, cached, work, steps }))
    }

    /// Returns how many times as fast the cache makes it.
    pub fn times_faster(&self) -> Estimate {
        self.frozen.ratio(&self.cached)
    }
}

/// All comparisons of which there are samples, and what the processor can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparisons {
    pub(super) rows: Vec<Comparison>,
    /// Nanoseconds of a multiply-add, at the speed that the processor was measured to have.
    pub(super) multiply_add: f64,
}

impl Comparisons {
    /// Reads the newest samples in criterion's folder.
    ///
    /// # Errors
    /// If a file of samples is damaged.
    pub fn read(criterion: &Path, images: [Images; 2], multiply_add: f64) -> Result<Self> {
        let mut rows = Vec::new();
        for frozen_layers in FROZEN_LAYERS {
            for timed in Timed::all() {
                rows.extend(Comparison::read(criterion, frozen_layers, timed, images)?);
            }
        }
        Ok(Self { rows, multiply_add })
    }

    /// Tells whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn epochs(&self, frozen_layers: usize) -> impl Iterator<Item = &Comparison> {
        let is_epoch = |row: &&Comparison| matches!(row.timed, Timed::Epoch { .. });
        self.rows.iter().filter(is_epoch).filter(move |row| row.frozen_layers == frozen_layers)
    }

    /// Estimates the nanoseconds that a step on the cache takes whatever the size of its batch: the slope of an epoch's time against the
    /// number of its steps. The line is the one whose squared relative errors are least.
    pub(super) fn step(&self, frozen_layers: usize) -> Option<f64> {
        let points: Vec<(f64, f64)> =
            self.epochs(frozen_layers).map(|row| (row.steps as f64, row.cached.median())).collect();
        let sum =
            |of: fn(f64, f64) -> f64| points.iter().map(|&(steps, time)| of(steps, time) / (time * time)).sum::<f64>();
        let (weight, x, y) = (sum(|_, _| 1.0), sum(|steps, _| steps), sum(|_, time| time));
        let (xx, xy) = (sum(|steps, _| steps * steps), sum(|steps, time| steps * time));
        let slope = (weight * xy - x * y) / (weight * xx - x * x);
        Some(slope).filter(|slope| slope.is_finite() && *slope > 0.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Samples as if a multiply-add took 0.02 ns, a step 800 ns and an image 100 ns.
    pub fn made_up() -> Comparisons {
        let folder = std::env::temp_dir().join(format!(
            "ch11-comparisons-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        let images = [500, 150].map(|count| Images { count, nonzero_pixels: 100 * count });
        for frozen_layers in FROZEN_LAYERS {
            for batch_size in BATCH_SIZES {
                let timed = Timed::Epoch { batch_size };
                let (work, steps) = (epoch(frozen_layers, images[0]), timed.steps(500));
                for (way, multiply_adds) in [("frozen", work.frozen), ("cached", work.cached)] {
                    let time = 0.02 * multiply_adds as f64 + 800.0 * steps as f64 + 50_000.0;
                    let name = timed.group(frozen_layers).replace('/', "_");
                    let folder = folder.join(name).join(way).join(batch_size.to_string()).join("new");
                    std::fs::create_dir_all(&folder).unwrap();
                    let json = serde_json::json!({ "iters": [1.0, 2.0], "times": [time, 2.0 * time] });
                    std::fs::write(folder.join("sample.json"), json.to_string()).unwrap();
                }
            }
        }
        let comparisons = Comparisons::read(&folder, images, 0.02).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        comparisons
    }

    #[test]
    fn what_criterion_left_is_compared() {
        let comparisons = made_up();
        assert_eq!(comparisons.rows.len(), 8, "no fits were timed");
        let first = &comparisons.rows[0];
        assert_eq!((first.frozen_layers, first.steps), (5, 50));
        let frozen = 0.02 * 500.0 * (10_000.0 + 40_000.0 + 1_000.0) + 40_000.0 + 50_000.0;
        let cached = 0.02 * 500.0 * 1_000.0 + 40_000.0 + 50_000.0;
        assert!((first.times_faster().value - frozen / cached).abs() < 1e-9);
    }

    #[test]
    fn the_cost_of_a_step_is_what_time_grows_by() {
        let step = made_up().step(5).unwrap();
        assert!((step - 800.0).abs() < 1e-6, "{step}");
    }
}
