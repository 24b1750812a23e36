//! How the learning rate changes from epoch to epoch.

use std::f32::consts::PI;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::History;

/// What an exponential decay leaves of the rate at its end.
const EXPONENTIAL_END: f32 = 0.01;
/// Epochs without a lower validation loss after which a plateau lowers the rate, and by which factor.
const PLATEAU_WAIT: usize = 5;
const PLATEAU_FACTOR: f32 = 0.3;

/// How the learning rate changes from epoch to epoch.
// Checkpoints depend on the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// It stays the same.
    #[default]
    #[serde(rename = "None")]
    Constant,
    /// It falls by the same amount after every epoch, and would be 0 after the last one that the recipe allows.
    Linear,
    /// It falls along half a wave of a cosine, slowly at first and at last, and would be 0 after the last epoch that the
    /// recipe allows ([Loshchilov and Hutter, 2017](https://arxiv.org/abs/1608.03983), without restarts).
    Cosine,
    /// It falls by the same factor after every epoch, and would be a hundredth of the first one after the last epoch that the
    /// recipe allows.
    Exponential,
    /// It falls to 0.3 of itself whenever five epochs have brought no lower validation loss.
    Plateau,
}

impl Schedule {
    /// The names of the schedules on a command line.
    pub const NAMES: [&str; 5] = ["none", "linear", "cosine", "exponential", "plateau"];

    const ALL: [Self; 5] = [Self::Constant, Self::Linear, Self::Cosine, Self::Exponential, Self::Plateau];

    /// Returns whether the rate depends on how many epochs there may be.
    pub(super) fn knows_its_end(self) -> bool {
        matches!(self, Self::Linear | Self::Cosine | Self::Exponential)
    }

    /// Returns what is left of the first rate after the epochs of a history, out of `epochs` at most.
    pub(super) fn factor(self, history: &History, epochs: usize) -> f32 {
        let share = history.len() as f32 / epochs as f32;
        match self {
            Self::Constant => 1.0,
            Self::Linear => 1.0 - share,
            Self::Cosine => 0.5 + 0.5 * (PI * share).cos(),
            Self::Exponential => EXPONENTIAL_END.powf(share),
            Self::Plateau => PLATEAU_FACTOR.powi(plateaus(history)),
        }
    }
}

/// Counts how often as many epochs as a plateau waits for have brought no lower validation loss.
fn plateaus(history: &History) -> i32 {
    let (mut lowest, mut waited, mut plateaus) = (f64::INFINITY, 0, 0);
    for epoch in history.epochs() {
        waited += 1;
        if epoch.validation_loss < lowest {
            (lowest, waited) = (epoch.validation_loss, 0);
        }
        if waited == PLATEAU_WAIT {
            (plateaus, waited) = (plateaus + 1, 0);
        }
    }
    plateaus
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Self::ALL.into_iter().zip(Self::NAMES);
        f.write_str(names.find(|(schedule, _)| schedule == self).map_or("", |(_, name)| name))
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|it| it.to_string() == text);
        found.ok_or_else(|| format!("one of {} is needed", Self::NAMES.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Epoch;

    fn history(losses: &[f64]) -> History {
        let mut history = History::default();
        losses.iter().for_each(|&validation_loss| history.push(Epoch { validation_loss, ..Epoch::default() }));
        history
    }

    #[test]
    fn schedules_fall_from_the_whole_rate_to_their_end() {
        let at = |schedule: Schedule, epochs: usize| schedule.factor(&history(&vec![0.5; epochs]), 8);
        for (schedule, half, end) in [
            (Schedule::Constant, 1.0, 1.0),
            (Schedule::Linear, 0.5, 0.0),
            (Schedule::Cosine, 0.5, 0.0),
            (Schedule::Exponential, 0.1, 0.01),
        ] {
            for (epochs, expected) in [(0, 1.0), (4, half), (8, end)] {
                let found = at(schedule, epochs);
                assert!((found - expected).abs() < 1e-6, "{schedule} after {epochs} of 8: {found}");
            }
        }
    }

    #[test]
    fn a_plateau_lowers_the_rate_after_every_five_epochs_in_vain() {
        let mut losses = vec![0.5, 0.4];
        let mut after = |loss: f64| {
            losses.push(loss);
            Schedule::Plateau.factor(&history(&losses), 1000)
        };
        assert_eq!([0.4, 0.6, 0.5, 0.4].map(&mut after), [1.0; 4]);
        assert_eq!(after(0.41), 0.3);
        assert_eq!(after(0.3), 0.3, "a new lowest loss starts the count again");
        assert_eq!([0.3; 4].map(&mut after), [0.3; 4]);
        assert!((after(f64::NAN) - 0.09).abs() < 1e-6);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in Schedule::NAMES {
            assert_eq!(name.parse::<Schedule>().map(|schedule| schedule.to_string()), Ok(name.to_owned()));
        }
        assert!("step".parse::<Schedule>().unwrap_err().contains("exponential"));
    }
}
