//! The samples of a benchmark, and what they tell of the time that it takes.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::Value;

const RESAMPLES: usize = 10_000;

/// Nanoseconds that one iteration took in each sample: the mean of the iterations in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples(Vec<f64>);

/// A number, and the 95 % interval around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Samples {
    /// Reads a `sample.json` of criterion; returns nothing if there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let Ok(file) = File::open(path) else { return Ok(None) };
        let parse = || {
            let json: Value = serde_json::from_reader(BufReader::new(file))?;
            let numbers = |key: &str| -> Result<Vec<f64>> { Ok(serde_json::from_value(json[key].clone())?) };
            let (iterations, times) = (numbers("iters")?, numbers("times")?);
            let samples: Vec<f64> = times.iter().zip(&iterations).map(|(time, iterations)| time / iterations).collect();
            ensure!(!samples.is_empty() && samples.iter().all(|it| *it > 0.0), "expected times above 0, found others");
            Ok(Some(Self(samples)))
        };
        parse().with_context(|| format!("{}: remove it and run `cargo bench -p benches`", path.display()))
    }

    /// Returns the median, in nanoseconds.
    pub fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// Returns how many times as long as `shorter` these take: the ratio of the medians, with the interval that holds 95 % of the
    /// ratios of resamples, each drawn from either's samples with replacement (the percentile bootstrap).
    pub fn ratio(&self, shorter: &Self) -> Estimate {
        let mut rng = ChaCha8Rng::seed_from_u64(42);
        let mut ratios: Vec<f64> =
            (0..RESAMPLES).map(|_| self.resample(&mut rng).median() / shorter.resample(&mut rng).median()).collect();
        ratios.sort_by(f64::total_cmp);
        let (low, high) = (ratios[RESAMPLES / 40], ratios[RESAMPLES - 1 - RESAMPLES / 40]);
        Estimate { value: self.median() / shorter.median(), low, high }
    }

    fn resample(&self, rng: &mut ChaCha8Rng) -> Self {
        let count = self.0.len() as u64;
        Self(self.0.iter().map(|_| self.0[(rng.next_u64() % count) as usize]).collect())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { (values[middle - 1] + values[middle]) / 2.0 } else { values[middle] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_those_of_the_sorted_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
    }

    #[test]
    fn the_interval_of_a_ratio_covers_what_the_samples_leave_open() {
        let steady = |time: f64| Samples(vec![time; 20]);
        assert_eq!(steady(30.0).ratio(&steady(10.0)), Estimate { value: 3.0, low: 3.0, high: 3.0 });
        let spread = Samples((0..20).map(|index| 10.0 + f64::from(index) / 10.0).collect());
        let Estimate { value, low, high } = spread.ratio(&steady(1.0));
        // The standard error of a median of 20 uniform numbers is 1 / (2 √22) = 0.107 of their range of 1.9: 0.20.
        assert!((value - 10.95).abs() < 1e-9 && (0.3..0.5).contains(&(value - low)), "{value}, {low}, {high}");
        assert!((0.3..0.5).contains(&(high - value)), "{value}, {low}, {high}");
    }

    #[test]
    fn each_sample_is_a_mean_of_its_iterations() {
        let folder = std::env::temp_dir().join(format!("ch11-samples-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("sample.json");
        std::fs::write(&path, r#"{"sampling_mode":"Linear","iters":[1.0,2.0],"times":[5.0,12.0]}"#).unwrap();
        assert_eq!(Samples::read(&path).unwrap(), Some(Samples(vec![5.0, 6.0])));
        std::fs::write(&path, r#"{"iters":[],"times":[]}"#).unwrap();
        assert!(format!("{:#}", Samples::read(&path).unwrap_err()).contains("expected times above 0"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(Samples::read(&path).unwrap(), None);
    }
}
