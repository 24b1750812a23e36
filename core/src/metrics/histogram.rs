//! Histograms.

/// How often values occur, in buckets of equal width from the smallest to the largest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The sum of the values.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_of_squares: f64,
    /// How many values are in each bucket.
    pub counts: Vec<usize>,
}

/// As many as TensorBoard shows.
const BUCKETS: usize = 30;

impl Histogram {
    /// Counts values; those that are not finite are left out.
    pub fn of(values: &[f32]) -> Self {
        let finite = || values.iter().filter(|it| it.is_finite()).map(|&it| f64::from(it));
        let low = finite().fold(f64::INFINITY, f64::min);
        let high = finite().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self::default();
        }
        let width = (high - low) / BUCKETS as f64;
        let mut counts = vec![0; BUCKETS];
        for value in finite() {
            let bucket = if width > 0.0 { ((value - low) / width) as usize } else { 0 };
            counts[bucket.min(BUCKETS - 1)] += 1;
        }
        Self { min: low, max: high, sum: finite().sum(), sum_of_squares: finite().map(|it| it * it).sum(), counts }
    }

    /// Returns the number of values.
    pub fn count(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Returns the standard deviation of the values, over n; 0 without any.
    pub fn standard_deviation(&self) -> f64 {
        let count = self.count().max(1) as f64;
        (self.sum_of_squares / count - (self.sum / count).powi(2)).max(0.0).sqrt()
    }

    /// Returns the upper limit of each bucket; that of the last one is the largest value.
    pub fn limits(&self) -> impl Iterator<Item = f64> {
        let width = (self.max - self.min) / self.counts.len().max(1) as f64;
        let inner = (1..self.counts.len()).map(move |bucket| self.min + width * bucket as f64);
        inner.chain((!self.counts.is_empty()).then_some(self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_in_its_bucket() {
        let values: Vec<f32> = (0..=60).map(|index| index as f32 / 2.0).chain([f32::NAN]).collect();
        let histogram = Histogram::of(&values);
        assert_eq!((histogram.min, histogram.max, histogram.count()), (0.0, 30.0, 61));
        assert_eq!((histogram.sum, histogram.sum_of_squares), (915.0, 18_452.5));
        assert_eq!(histogram.limits().collect::<Vec<_>>(), (1..=30).map(f64::from).collect::<Vec<_>>());
        // Two to a bucket; the largest value is in the last.
        assert_eq!((histogram.counts[0], histogram.counts[28], histogram.counts[29]), (2, 2, 3));
        // Of 61 equally distant numbers: the distance times the root of (61^2 - 1) / 12.
        assert!((histogram.standard_deviation() - 0.5 * (3720.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn equal_values_and_none_have_histograms_too() {
        let equal = Histogram::of(&[2.0; 5]);
        assert_eq!((equal.min, equal.max, equal.counts[0], equal.count()), (2.0, 2.0, 5, 5));
        assert_eq!(equal.standard_deviation(), 0.0);
        let none = Histogram::of(&[f32::INFINITY]);
        assert_eq!((none.count(), none.limits().count(), none.standard_deviation()), (0, 0, 0.0));
    }
}
