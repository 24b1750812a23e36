//! Two classifiers on the same instances.

use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

use super::paired_difference::CONFIDENCE;

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

    /// Returns the 95 % interval of the difference in accuracy, given how many instances are discordant: the exact interval, after
    /// Clopper and Pearson, of the share of them that only the second classifier gets right. It is without 0 where the p-value is
    /// below 0.05; there is none if no instance is discordant.
    pub fn confidence_interval(&self) -> Option<[f64; 2]> {
        let (wins, losses) = (self.only_after as f64, self.only_before as f64);
        let tail = (1.0 - CONFIDENCE) / 2.0;
        // At a side without a count, the share may be all or nothing.
        let low = Beta::new(wins, losses + 1.0).map_or(0.0, |beta| beta.inverse_cdf(tail));
        let high = Beta::new(wins + 1.0, losses).map_or(1.0, |beta| beta.inverse_cdf(1.0 - tail));
        let difference = |share: f64| (2.0 * share - 1.0) * self.discordant() as f64 / self.instances as f64;
        (self.discordant() > 0).then(|| [difference(low), difference(high)])
    }

    fn discordant(&self) -> u64 {
        self.only_before + self.only_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```python
    /// from scipy.stats import binomtest  # scipy 1.17; statsmodels' mcnemar([[0, wins], [losses, 0]], exact=True) says the same
    /// for wins, losses in ((0, 1), (0, 6), (1, 5), (3, 7), (10, 0), (41, 59), (40, 61), (700, 600)):
    ///     test = binomtest(wins, wins + losses)
    ///     interval = test.proportion_ci(0.95, "exact")
    ///     print(wins, losses, test.pvalue, interval.low, interval.high)
    /// ```
    #[test]
    fn the_exact_test_is_that_of_scipy() {
        for (wins, losses, p_value, low, high) in [
            (0, 1, 1.0, 0.0, 0.975),
            (0, 6, 0.03125, 0.0, 0.45925812643990044),
            (1, 5, 0.21875, 0.004210744514489595, 0.6412345789974864),
            (3, 7, 0.34375, 0.06673951117773447, 0.652452850060008),
            (10, 0, 0.001953125, 0.6915028921812371, 1.0),
            (41, 59, 0.08862608011406758, 0.31261997656757085, 0.512855796233269),
            (40, 61, 0.046044066929342785, 0.30008695253324236, 0.4982559215074348),
            (700, 600, 0.0060157938610449395, 0.5109165025653948, 0.5658323066583476),
        ] {
            let test = McNemar { only_before: losses, only_after: wins, instances: 5139 };
            assert!((test.p_value() - p_value).abs() < 1e-9, "{test:?}: {}", test.p_value());
            let expected = [low, high].map(|share: f64| (2.0 * share - 1.0) * (wins + losses) as f64 / 5139.0);
            let [low, high] = test.confidence_interval().unwrap();
            assert!((low - expected[0]).abs() < 1e-9 && (high - expected[1]).abs() < 1e-9, "{test:?}: {low} to {high}");
            assert_eq!(low > 0.0 || high < 0.0, p_value < 0.05, "{test:?}: {low} to {high}");
        }
    }

    #[test]
    fn what_both_get_right_or_wrong_says_nothing() {
        let none = mcnemar(&[true, false], &[true, false]);
        assert_eq!((none.p_value(), none.confidence_interval()), (1.0, None));
        assert_eq!(mcnemar(&[], &[]).p_value(), 1.0);
    }
}
