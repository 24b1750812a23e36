//! Two classifiers on the same instances.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

use super::paired_difference::CONFIDENCE;

/// Enough to find an end of an interval to the last bit.
const HALVINGS: usize = 60;

/// The instances of a test that only one of two classifiers gets right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct McNemar {
    /// Those that only the first one gets right.
    pub only_before: u64,
    /// Those that only the second one gets right.
    pub only_after: u64,
    /// All instances.
    pub instances: u64,
}

/// Compares which instances two classifiers get right, after McNemar, "Note on the sampling error of the difference between correlated
/// proportions or percentages", Psychometrika 12 (1947).
///
/// # Panics
/// If they were not tested on as many instances.
///
/// # Example
/// ```
/// use ch11_harness::report::mcnemar;
///
/// let discordant = mcnemar(&[true, false, false, false], &[true, true, true, false]);
/// assert_eq!((discordant.only_before, discordant.only_after), (0, 2));
/// assert!((discordant.p_value() - 0.5).abs() < 1e-12);
/// ```
pub fn mcnemar(before: &[bool], after: &[bool]) -> McNemar {
    assert_eq!(before.len(), after.len(), "the same instances on either side");
    let count =
        |one: &[bool], other: &[bool]| one.iter().zip(other).filter(|(one, other)| **one && !**other).count() as u64;
    McNemar { only_before: count(before, after), only_after: count(after, before), instances: before.len() as u64 }
}

impl McNemar {
    /// Returns the two-sided p-value of the exact test: how often a coin, thrown once for each discordant instance, falls at least as
    /// unevenly.
    pub fn p_value(&self) -> f64 {
        let fair = Binomial::new(0.5, self.discordant());
        fair.map_or(1.0, |fair| (2.0 * fair.cdf(self.only_before.min(self.only_after))).min(1.0))
    }

    /// Returns the 95 % interval of the difference in accuracy: the differences that the score test does not reject, after Tango,
    /// "Equivalence test and confidence interval for the difference in proportions for the paired-sample design", Statistics in Medicine
    /// 17 (1998). There is none without instances.
    pub fn confidence_interval(&self) -> Option<[f64; 2]> {
        let difference = (self.only_after as f64 - self.only_before as f64) / self.instances as f64;
        let end = |sign: f64| {
            let (mut inside, mut outside) = (difference, sign);
            for _ in 0..HALVINGS {
                let middle = (inside + outside) / 2.0;
                let is_inside = self.score(middle).abs() < normal_quantile();
                *(if is_inside { &mut inside } else { &mut outside }) = middle;
            }
            inside
        };
        (self.instances > 0).then(|| [end(-1.0), end(1.0)])
    }

    /// How many standard errors the measured difference lies above a supposed one, whose standard error is that of the likeliest
    /// proportions of which it is the difference.
    fn score(&self, supposed: f64) -> f64 {
        let [n, wins, losses] = [self.instances, self.only_after, self.only_before].map(|count| count as f64);
        // The share of instances that only the first gets right: the root of 2 n x² + b x + c.
        let b = (2.0 * n - wins + losses) * supposed - wins - losses;
        let c = -losses * supposed * (1.0 - supposed);
        let share = ((b * b - 8.0 * n * c).max(0.0).sqrt() - b) / (4.0 * n);
        let variance = n * (2.0 * share + supposed * (1.0 - supposed));
        let distance = wins - losses - n * supposed;
        if variance > 0.0 { distance / variance.sqrt() } else { distance * f64::INFINITY }
    }

    fn discordant(&self) -> u64 {
        self.only_before + self.only_after
    }
}

/// Returns how many standard errors the ends of the interval are away from the middle: 1.96.
fn normal_quantile() -> f64 {
    Normal::standard().inverse_cdf((1.0 + CONFIDENCE) / 2.0)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// ```python
    /// from scipy.stats import binomtest  # scipy 1.17; statsmodels' mcnemar([[0, wins], [losses, 0]], exact=True) says the same
    /// for wins, losses in ((0, 1), (0, 6), (1, 5), (3, 7), (10, 0), (41, 59), (40, 61), (700, 600)):
    ///     print(wins, losses, binomtest(wins, wins + losses).pvalue)
    /// ```
    #[test]
    fn the_exact_test_is_that_of_scipy() {
        for (wins, losses, p_value) in [
            (0, 1, 1.0),
            (0, 6, 0.03125),
            (1, 5, 0.21875),
            (3, 7, 0.34375),
            (10, 0, 0.001953125),
            (41, 59, 0.08862608011406758),
            (40, 61, 0.046044066929342785),
            (700, 600, 0.0060157938610449395),
        ] {
            let test = McNemar { only_before: losses, only_after: wins, instances: 5139 };
            assert!((test.p_value() - p_value).abs() < 1e-9, "{test:?}: {}", test.p_value());
        }
    }

    /// ```python
    /// from numpy import sqrt
    /// from scipy.optimize import brentq, minimize_scalar  # scipy 1.17
    /// from scipy.special import xlogy
    /// def interval(n, wins, losses):
    ///     def score(d):
    ///         likelihood = lambda x: -(xlogy(wins, x + d) + xlogy(losses, x) + xlogy(n - wins - losses, 1 - 2 * x - d))
    ///         bounds = (max(0, -d), (1 - d) / 2)
    ///         x = minimize_scalar(likelihood, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    ///         return (wins - losses - n * d) / sqrt(n * (2 * x + d - d * d))
    ///     middle = (wins - losses) / n
    ///     return [brentq(lambda d: score(d) - z, *ends) for z, ends in ((1.959964, (-0.999, middle)), (-1.959964, (middle, 0.999)))]
    /// for counts in ((50, 12, 2), (30, 20, 1), (5139, 10, 4), (1000, 315, 7)):
    ///     print(*counts, *interval(*counts))
    /// ```
    #[test]
    fn the_interval_is_that_of_the_score_test() {
        for (instances, only_after, only_before, low, high) in [
            (50, 12, 2, 0.061112405919031165, 0.3447087492915315),
            (30, 20, 1, 0.38667396584793157, 0.7904379334986787),
            (5139, 10, 4, -0.0002986960780637167, 0.0028892140296046427),
            (1000, 315, 7, 0.2790583200196328, 0.3380931848501403),
        ] {
            let [own_low, own_high] = McNemar { only_before, only_after, instances }.confidence_interval().unwrap();
            assert!((own_low - low).abs() < 1e-6 && (own_high - high).abs() < 1e-6, "{own_low} to {own_high}");
        }
        // Without a discordant instance, the ends are z² / (n + z²).
        let [low, high] = McNemar { only_before: 0, only_after: 0, instances: 54 }.confidence_interval().unwrap();
        let end = normal_quantile().powi(2) / (54.0 + normal_quantile().powi(2));
        assert!((low + end).abs() < 1e-9 && (high - end).abs() < 1e-9, "{low} to {high}");
        assert_eq!(McNemar { only_before: 0, only_after: 0, instances: 0 }.confidence_interval(), None);
    }

    /// From classifiers hardly different to one that is far better.
    #[test]
    fn the_interval_holds_the_true_difference_19_times_in_20() {
        const RUNS: u32 = 1000;
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (instances, only_after, only_before) in
            [(5139, 0.003, 0.002), (1000, 0.1, 0.0), (1000, 0.315, 0.007), (10_000, 0.49, 0.005)]
        {
            let mut draw = || {
                let mut drawn = McNemar { only_before: 0, only_after: 0, instances };
                for _ in 0..instances {
                    let place: f64 = rng.r#gen();
                    drawn.only_after += u64::from(place < only_after);
                    drawn.only_before += u64::from((only_after..only_after + only_before).contains(&place));
                }
                drawn.confidence_interval().unwrap()
            };
            let truth = only_after - only_before;
            let holds = (0..RUNS).map(|_| draw()).filter(|[low, high]| (*low..=*high).contains(&truth)).count();
            let share = holds as f64 / f64::from(RUNS);
            assert!((0.93..=0.97).contains(&share), "{instances}, {only_after} and {only_before}: {share}");
        }
    }

    #[test]
    fn what_both_get_right_or_wrong_says_nothing() {
        assert_eq!(mcnemar(&[true, false], &[true, false]).p_value(), 1.0);
        assert_eq!(mcnemar(&[], &[]).p_value(), 1.0);
    }
}
