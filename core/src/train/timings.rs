//! How long a fit took, kept beside its checkpoints.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::disk;
use crate::{Error, Result};

/// Longer files are not read: an epoch takes about 40 bytes.
const MOST_BYTES: u64 = 64 << 20;

/// No epoch takes longer: it is thirty years.
const MOST_SECONDS: f64 = 1e9;

/// How long the epochs of a fit took, in seconds, as far as that is known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Timings {
    /// Training alone.
    training: Vec<Option<f64>>,
    /// Training and validation.
    whole: Vec<Option<f64>>,
}

impl Timings {
    /// Reads the times of this number of epochs. Times that cannot be read are unknown, which is no error.
    pub(super) fn read(path: &Path, epochs: usize) -> Self {
        let json = disk::read(path, MOST_BYTES).unwrap_or_default();
        serde_json::from_slice::<Self>(&json).unwrap_or_default().of_epochs(epochs)
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec(self).map_err(|error| Error::io("write", path)(error.into()))?;
        disk::persist(path, &json)
    }

    /// Makes them the times of this number of epochs. If some are missing, those are the first ones; impossible times
    /// become unknown.
    fn of_epochs(mut self, epochs: usize) -> Self {
        for times in [&mut self.training, &mut self.whole] {
            times.truncate(epochs);
            times.iter_mut().for_each(|time| *time = time.filter(|seconds| (0.0..MOST_SECONDS).contains(seconds)));
            let missing = epochs - times.len();
            times.splice(0..0, std::iter::repeat_n(None, missing));
        }
        self
    }

    /// Adds the times of an epoch: of its training, and of training and validation together.
    pub(super) fn push(&mut self, training: Duration, whole: Duration) {
        self.training.push(Some(training.as_secs_f64()));
        self.whole.push(Some(whole.as_secs_f64()));
    }

    /// Returns the time from the start of the fit to the end of each epoch; nothing if any is unknown.
    pub(super) fn elapsed(&self) -> Vec<Duration> {
        let so_far = |sum: &mut Duration, duration| {
            *sum += duration;
            Some(*sum)
        };
        all_known(&self.whole).into_iter().scan(Duration::ZERO, so_far).collect()
    }

    /// Returns how long each epoch's training took; nothing if any is unknown.
    pub(super) fn of_training(&self) -> Vec<Duration> {
        all_known(&self.training)
    }
}

fn all_known(times: &[Option<f64>]) -> Vec<Duration> {
    let known: Option<Vec<Duration>> =
        times.iter().map(|seconds| Duration::try_from_secs_f64((*seconds)?).ok()).collect();
    known.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(whole: &str, epochs: usize) -> Vec<Duration> {
        let json = format!(r#"{{"training":[],"whole":{whole}}}"#);
        serde_json::from_str::<Timings>(&json).unwrap().of_epochs(epochs).elapsed()
    }

    #[test]
    fn times_that_are_missing_or_that_none_can_have_are_not_known() {
        assert_eq!(read("[1, 2, 0.5]", 3), [1.0, 3.0, 3.5].map(Duration::from_secs_f64));
        for unknown in ["[1, 2]", "[1, null, 2]", "[1, -1, 2]", "[1e19, 1e19, 1]", "[1, 1e308, 1]"] {
            assert_eq!(read(unknown, 3), [], "{unknown}");
        }
    }
}
