//! A number that was measured once per seed.

use serde_json::{Value, json};

/// A number that was measured once per seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// The values, one per seed.
    pub values: Vec<f64>,
}

impl Samples {
    /// Takes one number of each item, such as a fit from each seed.
    pub fn of<T>(items: &[T], number: impl Fn(&T) -> f64) -> Self {
        Self { values: items.iter().map(number).collect() }
    }

    /// Returns the mean of the values.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Returns the samples as JSON: the number if there is one, else `{"mean", "std", "values"}`.
    pub fn to_json(&self) -> Value {
        match self.values.as_slice() {
            [value] => json!(value),
            values => json!({ "mean": self.mean(), "std": self.standard_deviation(), "values": values }),
        }
    }

    /// Returns the sample standard deviation (over n - 1); 0 for a single value.
    ///
    /// # Example
    /// ```
    /// use ch11_harness::report::Samples;
    ///
    /// let samples = Samples { values: vec![1.0, 2.0, 3.0, 4.0] };
    /// assert_eq!(samples.mean(), 2.5);
    /// assert!((samples.standard_deviation() - (5.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    /// ```
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / self.values.len().saturating_sub(1).max(1) as f64).sqrt()
    }
}

/// Writes a fraction in percent, with its standard deviation if there are several seeds: `99.28 %`, `99.28 ± 0.14 %`.
pub fn percent(fraction: &Samples) -> String {
    let hundredfold = Samples { values: fraction.values.iter().map(|value| 100.0 * value).collect() };
    format!("{} %", number(&hundredfold, 2))
}

/// Writes a number with its standard deviation if there are several seeds; `-` if there is none.
pub(super) fn number(figure: &Samples, decimals: usize) -> String {
    match figure.values.len() {
        _ if figure.mean().is_nan() => "-".to_owned(),
        1 => format!("{:.decimals$}", figure.mean()),
        _ => format!("{:.decimals$} ± {:.decimals$}", figure.mean(), figure.standard_deviation()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_as_people_do() {
        assert_eq!(percent(&Samples { values: vec![0.99284] }), "99.28 %");
        assert_eq!(percent(&Samples { values: vec![0.99, 1.0] }), "99.50 ± 0.71 %");
    }
}
