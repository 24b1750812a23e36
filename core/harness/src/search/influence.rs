//! How much each hyper-parameter matters by itself.

use std::collections::BTreeMap;

use super::{Candidate, Ranked, Ranking};

/// What a hyper-parameter explains by itself of the differences between candidates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Influence {
    /// The name of the hyper-parameter, as in `learning_rate`.
    pub name: &'static str,
    /// The share of the variance of accuracy, from 0 to 1.
    pub share: f64,
}

impl Ranking {
    /// Returns what each hyper-parameter that varies explains of the variance of the candidates' mean accuracies, the most
    /// influential first: its main effect, one way, with the other hyper-parameters as chance. A hyper-parameter of which
    /// no value was tried twice is left out, and all are with halving, which trains candidates unequally long.
    ///
    /// The share is epsilon squared, the correlation ratio corrected for chance
    /// ([Kelley, 1935](https://doi.org/10.1073/pnas.21.9.554)): `(SSB - (k - 1) SSW / (n - k)) / SST`, where `SSB`, `SSW`
    /// and `SST` are the sums of squares between the `k` values, within them and in all, over `n` candidates; where that
    /// is below 0, it is 0.
    pub fn influences(&self) -> Vec<Influence> {
        if !self.is_of_one_rung() {
            return Vec::new();
        }
        let influence = |column: usize| {
            let value = |row: &Ranked| Some((row.candidate.values()[column].clone(), row.accuracies()?.mean()));
            let share = epsilon_squared(&self.rows().iter().filter_map(value).collect::<Vec<_>>())?;
            Some(Influence { name: Candidate::NAMES[column], share })
        };
        let mut influences: Vec<Influence> = self.columns().into_iter().filter_map(influence).collect();
        influences.sort_by(|a, b| b.share.total_cmp(&a.share));
        influences
    }

    /// Says so in a sentence; `None` where nothing can be said.
    pub fn influences_in_words(&self) -> Option<String> {
        let each: Vec<String> = self
            .influences()
            .iter()
            .map(|Influence { name, share }| format!("{} {:.0} %", name.replace('_', " "), 100.0 * share))
            .collect();
        (!each.is_empty()).then(|| {
            format!(
                "What matters? Alone, the hyper-parameters explain these shares of the variance of accuracy between candidates: {} (epsilon squared, Kelley 1935). The rest comes from combinations and from chance.",
                each.join(", ")
            )
        })
    }
}

/// Returns epsilon squared of numbers in groups; `None` where it is not defined.
fn epsilon_squared(numbers: &[(String, f64)]) -> Option<f64> {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (group, number) in numbers {
        groups.entry(group).or_default().push(*number);
    }
    let (n, k) = (numbers.len(), groups.len());
    if k < 2 || n <= k {
        return None;
    }
    let all: Vec<f64> = numbers.iter().map(|(_, number)| *number).collect();
    let total = squares(&all);
    let within: f64 = groups.values().map(|group| squares(group)).sum();
    let by_chance = (k - 1) as f64 * within / (n - k) as f64;
    (total > 0.0).then(|| ((total - within - by_chance) / total).max(0.0))
}

/// Returns the sum of squared differences from the mean.
fn squares(numbers: &[f64]) -> f64 {
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    numbers.iter().map(|number| (number - mean).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(groups: &[(&str, &[f64])]) -> Option<f64> {
        let numbers = groups.iter().flat_map(|(name, numbers)| numbers.iter().map(|it| ((*name).to_owned(), *it)));
        epsilon_squared(&numbers.collect::<Vec<_>>())
    }

    #[test]
    fn the_share_is_that_of_a_worked_example() {
        // By hand: SST = 28, SSB = 24, SSW = 4, so (24 - 1 * 4 / 4) / 28.
        let share = of(&[("a", &[1.0, 2.0, 3.0]), ("b", &[5.0, 6.0, 7.0])]).unwrap();
        assert!((share - 23.0 / 28.0).abs() < 1e-12, "{share}");
        assert_eq!(of(&[("a", &[1.0, 1.0]), ("b", &[2.0, 2.0])]), Some(1.0));
        assert_eq!(of(&[("a", &[1.0, 2.0]), ("b", &[1.0, 2.0])]), Some(0.0), "never below 0");
    }

    #[test]
    fn nothing_is_said_of_values_that_were_tried_once() {
        assert_eq!(of(&[("a", &[1.0]), ("b", &[2.0])]), None);
        assert_eq!(of(&[("a", &[1.0, 2.0])]), None);
        assert_eq!(of(&[("a", &[1.0, 1.0]), ("b", &[1.0])]), None, "all are equal");
    }
}
