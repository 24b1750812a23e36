//! The exponential moving average of the weights.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The decay of an exponential moving average: how much of the average a step keeps, above 0 and below 1.
///
/// # Example
/// ```
/// use ch11_core::train::{Decay, Recipe};
///
/// let recipe = Recipe { ema_decay: Decay::new(0.999), ..Recipe::DEEP_NET };
/// assert!(recipe.ema_decay.is_some());
/// // An average that keeps all would never leave the initial weights; one that keeps nothing is the last weights.
/// assert_eq!([0.0, 1.0, f32::NAN].map(Decay::new), [None; 3]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Decay(f32);

impl Decay {
    /// Makes a decay of a number above 0 and below 1; any other is none.
    pub const fn new(decay: f32) -> Option<Self> {
        if decay > 0.0 && decay < 1.0 { Some(Self(decay)) } else { None }
    }
}

impl From<Decay> for f32 {
    fn from(Decay(decay): Decay) -> Self {
        decay
    }
}

impl TryFrom<f32> for Decay {
    type Error = String;

    fn try_from(decay: f32) -> Result<Self, String> {
        Self::new(decay).ok_or_else(|| format!("found a decay of {decay}, expected one above 0 and below 1"))
    }
}

impl fmt::Display for Decay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the decay to use in step `steps`, so that the initial weights have no part in the average.
///
/// The average is then a weighted mean of the weights after each step so far, in which each counts `decay` times as
/// much as the next. The correction is the one that Adam makes for its moments' start from 0: in step t,
/// `(1 - decay^(t-1)) / (1 - decay^t)`.
pub(super) fn corrected_decay(Decay(decay): Decay, steps: i32) -> f64 {
    let decay = f64::from(decay);
    decay * (1.0 - decay.powi(steps - 1)) / (1.0 - decay.powi(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decay_that_averages_nothing_cannot_be_made_or_read() {
        assert_eq!(Decay::new(0.5).map(|decay| decay.to_string()), Some("0.5".to_owned()));
        for decay in [0.0, 1.0, -0.5, 1.5, f32::NAN, f32::INFINITY] {
            assert_eq!(Decay::new(decay), None, "{decay}");
        }
        let read = |json: &str| serde_json::from_str::<Option<Decay>>(json).map_err(|error| error.to_string());
        assert_eq!(read("0.5"), Ok(Some(Decay(0.5))));
        assert_eq!(read("null"), Ok(None));
        assert!(read("1.0").unwrap_err().contains("found a decay of 1, expected one above 0 and below 1"));
    }

    #[test]
    fn the_average_is_the_weighted_mean_of_the_weights_after_each_step() {
        let weights = [3.0, -1.0, 4.0, 1.5, -9.0_f64];
        let decay = Decay(0.8);
        // The initial weights, here 1000, must have no part in it.
        let mut average = 1000.0;
        for (step, weight) in (1..).zip(weights) {
            let keep = corrected_decay(decay, step);
            average = keep * average + (1.0 - keep) * weight;
        }
        let powers = [4, 3, 2, 1, 0].map(|age| f64::from(decay.0).powi(age));
        let expected: f64 = powers.iter().zip(weights).map(|(power, weight)| power * weight).sum();
        assert!((average - expected / powers.iter().sum::<f64>()).abs() < 1e-12);
    }
}
