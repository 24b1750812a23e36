//! The same number from two fits, seed by seed.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::report::Samples;

/// The share of intervals that hold the true difference.
pub(super) const CONFIDENCE: f64 = 0.95;

/// By how much a number differs between two fits that share their seeds.
///
/// Pairs take out what a seed does to both fits alike: the initial weights, the network that both start from.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedDifference {
    /// The number before a change, of each seed that has both.
    pub before: Samples,
    /// The number after it.
    pub after: Samples,
    /// How many seeds lack either.
    pub left_out: usize,
}

impl PairedDifference {
    /// Pairs the numbers of two fits, one per seed. A seed with a number that is not finite, as after a divergence, is left out.
    ///
    /// # Panics
    /// If there are not as many before as after.
    ///
    /// # Example
    /// ```
    /// use ch11_harness::report::PairedDifference;
    ///
    /// let difference = PairedDifference::of(&[0.80, 0.82, 0.81], &[0.90, 0.91, 0.92]);
    /// let [low, high] = difference.confidence_interval().unwrap();
    /// assert!(0.075 < low && high < 0.125 && difference.p_value().unwrap() < 0.05);
    /// ```
    pub fn of(before: &[f64], after: &[f64]) -> Self {
        assert_eq!(before.len(), after.len(), "one number per seed on either side");
        let seeds = before.len();
        let pairs = before.iter().copied().zip(after.iter().copied());
        let (before, after): (Vec<f64>, Vec<f64>) = pairs.filter(|(a, b)| a.is_finite() && b.is_finite()).unzip();
        let left_out = seeds - before.len();
        Self { before: Samples { values: before }, after: Samples { values: after }, left_out }
    }

    /// Returns how many seeds have both numbers.
    pub fn seeds(&self) -> usize {
        self.before.values.len()
    }

    /// Returns the mean difference; NaN without a seed.
    pub fn mean(&self) -> f64 {
        self.differences().mean()
    }

    /// Tells whether all differences are the same, but for rounding, so that nothing can be learnt from how far apart they are.
    pub fn is_constant(&self) -> bool {
        self.differences().values.windows(2).all(|two| (two[1] - two[0]).abs() <= self.rounding())
    }

    /// Returns the 95 % interval of the mean difference by Student's t with n - 1 degrees of freedom; none with fewer than two seeds, or
    /// if all differences are the same.
    pub fn confidence_interval(&self) -> Option<[f64; 2]> {
        let (mean, half) =
            (self.mean(), self.students_t()?.inverse_cdf((1.0 + CONFIDENCE) / 2.0) * self.standard_error());
        (!self.is_constant()).then_some([mean - half, mean + half])
    }

    /// Returns the two-sided p-value of the paired t test; none with fewer than two seeds.
    ///
    /// Where all differences are the same, there is no t; the sign test then counts that all n have one sign, `2 / 2^n`, or, if they
    /// are zeros, none: 1.
    pub fn p_value(&self) -> Option<f64> {
        let students_t = self.students_t()?;
        if !self.is_constant() {
            return Some(2.0 * students_t.sf((self.mean() / self.standard_error()).abs()));
        }
        let is_zero = self.mean().abs() <= self.rounding();
        Some(if is_zero { 1.0 } else { 2.0 * 0.5_f64.powi(self.seeds() as i32) })
    }

    /// Returns the distribution of the mean difference over its standard error where there is no difference.
    fn students_t(&self) -> Option<StudentsT> {
        let degrees_of_freedom = self.seeds().checked_sub(1).filter(|&it| it > 0)?;
        StudentsT::new(0.0, 1.0, degrees_of_freedom as f64).ok()
    }

    fn standard_error(&self) -> f64 {
        self.differences().standard_deviation() / (self.seeds() as f64).sqrt()
    }

    /// Of each seed, the number after the change less that before.
    fn differences(&self) -> Samples {
        Samples {
            values: self.after.values.iter().zip(&self.before.values).map(|(after, before)| after - before).collect(),
        }
    }

    /// How far rounding may take two equal differences apart.
    fn rounding(&self) -> f64 {
        let numbers = self.before.values.iter().chain(&self.after.values);
        8.0 * f64::EPSILON * numbers.fold(0.0, |largest: f64, number| largest.max(number.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: [f64; 5] = [0.9949, 0.9951, 0.9943, 0.9953, 0.9949];
    const AFTER: [f64; 5] = [0.9953, 0.9957, 0.9946, 0.9951, 0.9960];

    /// ```python
    /// from scipy.stats import ttest_rel  # scipy 1.17
    /// for n in (2, 3, 5):
    ///     test = ttest_rel(after[:n], before[:n])
    ///     print(n, test.pvalue, *test.confidence_interval(0.95))
    /// ```
    #[test]
    fn the_paired_t_test_is_that_of_scipy() {
        for (seeds, p_value, interval) in [
            (2, 0.12566591637805674, [-0.0007706204736180344, 0.0017706204736180353]),
            (3, 0.03901234775904859, [5.387502997369534e-05, 0.0008127916366930238]),
            (5, 0.10560870158623334, [-0.0001463494478798848, 0.0010263494478799213]),
        ] {
            let difference = PairedDifference::of(&BEFORE[..seeds], &AFTER[..seeds]);
            assert!((difference.p_value().unwrap() - p_value).abs() < 1e-9, "{seeds}: {:?}", difference.p_value());
            let [low, high] = difference.confidence_interval().unwrap();
            assert!((low - interval[0]).abs() < 1e-9 && (high - interval[1]).abs() < 1e-9, "{seeds}: {low} to {high}");
        }
    }

    #[test]
    fn equal_differences_are_judged_by_their_sign() {
        let none = PairedDifference::of(&BEFORE, &BEFORE);
        assert_eq!((none.mean(), none.confidence_interval(), none.p_value()), (0.0, None, Some(1.0)));
        // Equal but for rounding.
        let equal = |seeds: usize| PairedDifference::of(&BEFORE[..seeds], &BEFORE.map(|it| it + 0.0002)[..seeds]);
        assert!(equal(5).is_constant() && (equal(5).mean() - 0.0002).abs() < 1e-9);
        assert_eq!((equal(5).confidence_interval(), equal(5).p_value()), (None, Some(0.0625)));
        assert_eq!(equal(2).p_value(), Some(0.5));
    }

    #[test]
    fn a_seed_that_failed_on_either_side_is_left_out() {
        let (mut before, mut after) = (BEFORE.to_vec(), AFTER.to_vec());
        (before[3], after[4]) = (f64::NAN, f64::INFINITY);
        let difference = PairedDifference::of(&before, &after);
        assert_eq!((difference.seeds(), difference.left_out), (3, 2));
        assert_eq!(difference.p_value(), PairedDifference::of(&BEFORE[..3], &AFTER[..3]).p_value());
    }

    #[test]
    fn fewer_than_two_seeds_have_no_interval() {
        let one = PairedDifference::of(&[0.5], &[0.75]);
        assert_eq!((one.mean(), one.confidence_interval(), one.p_value()), (0.25, None, None));
        let none = PairedDifference::of(&[f64::NAN], &[0.75]);
        assert!(none.mean().is_nan());
        assert_eq!((none.seeds(), none.confidence_interval(), none.p_value()), (0, None, None));
    }
}
