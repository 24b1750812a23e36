//! How a trial ended, in numbers that JSON can hold.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Written")]
pub enum Outcome {
    /// The weights of the best epoch were scored on the held-out fold.
    Scored {
        /// The fraction classified correctly.
        accuracy: Finite,
        /// Mean cross-entropy in nats.
        loss: Finite,
        /// The number of that epoch, from 1.
        best_epoch: usize,
    },
    /// The loss was no longer finite: in training, on the validation data or on the held-out fold.
    Diverged {
        /// The number of the epoch, from 1.
        epoch: usize,
    },
}

impl Outcome {
    /// Makes an outcome of the scores on the held-out fold. If one of them is not finite, that is a divergence.
    ///
    /// # Example
    /// ```
    /// use ch11_harness::search::Outcome;
    ///
    /// assert!(matches!(Outcome::of(0.9, 0.1, 3), Outcome::Scored { best_epoch: 3, .. }));
    /// assert_eq!(Outcome::of(0.9, f64::INFINITY, 3), Outcome::Diverged { epoch: 3 });
    /// ```
    pub fn of(accuracy: f64, loss: f64, best_epoch: usize) -> Self {
        match (Finite::new(accuracy), Finite::new(loss)) {
            (Some(accuracy), Some(loss)) => Self::Scored { accuracy, loss, best_epoch },
            _ => Self::Diverged { epoch: best_epoch },
        }
    }
}

/// An outcome as a journal holds it. An infinite loss was once written as `null`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Scored { accuracy: Finite, loss: Option<Finite>, best_epoch: usize },
    Diverged { epoch: usize },
}

impl From<Written> for Outcome {
    fn from(written: Written) -> Self {
        match written {
            Written::Scored { accuracy, loss: Some(loss), best_epoch } => Self::Scored { accuracy, loss, best_epoch },
            Written::Scored { best_epoch: epoch, .. } | Written::Diverged { epoch } => Self::Diverged { epoch },
        }
    }
}

/// A number that JSON can hold: neither infinite nor NaN.
///
/// # Example
/// ```
/// use ch11_harness::search::Finite;
///
/// assert_eq!(Finite::new(0.5).map(Finite::get), Some(0.5));
/// assert_eq!(Finite::new(f64::NAN), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Finite(f64);

impl Finite {
    /// Returns `None` for a number that is not finite.
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    /// Returns the number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<Finite> for f64 {
    fn from(number: Finite) -> Self {
        number.0
    }
}

/// Converts a duration to seconds, which are always finite.
impl From<Duration> for Finite {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

impl TryFrom<f64> for Finite {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("a number that is not finite")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_the_same_whatever_the_score() {
        for score in [0.25, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, -f64::INFINITY, f64::NAN] {
            for outcome in [Outcome::of(0.5, score, 7), Outcome::of(score, 0.5, 7)] {
                let json = serde_json::to_string(&outcome).unwrap();
                assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome, "{json}");
                assert_eq!(json.contains("scored"), score.is_finite(), "{json}");
            }
        }
    }

    #[test]
    fn a_loss_that_was_once_written_as_null_is_a_divergence() {
        let json = r#"{"scored":{"accuracy":0.5,"loss":null,"best_epoch":7}}"#;
        assert_eq!(serde_json::from_str::<Outcome>(json).unwrap(), Outcome::Diverged { epoch: 7 });
        assert!(serde_json::from_str::<Outcome>(r#"{"scored":{"accuracy":null,"loss":1,"best_epoch":7}}"#).is_err());
    }
}
