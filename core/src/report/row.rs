//! A row of results: one fit, or the same fit from several seeds.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::metrics::Evaluation;
use crate::train::Fitted;

/// The results of one fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Row {
    /// The fraction of test rows classified rightly.
    pub test_accuracy: f64,
    /// Macro precision on the test rows.
    pub test_precision: f64,
    /// Mean cross-entropy in nats on the test rows.
    pub test_loss: f64,
    /// Epochs trained.
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// Time of the whole fit, validation and checkpoints included.
    pub seconds: f64,
    /// Median time of an epoch's training, validation not counted.
    pub epoch_seconds: f64,
}

impl Row {
    /// Puts together what a fit took and what its network did on the test rows.
    pub fn new<M>(fitted: &Fitted<M>, test: &Evaluation) -> Self {
        Self {
            test_accuracy: test.accuracy(),
            test_precision: test.precision(),
            test_loss: test.loss,
            epochs: fitted.history.len(),
            best_epoch: fitted.best_epoch(),
            seconds: fitted.duration.as_secs_f64(),
            epoch_seconds: median(&fitted.epoch_durations).as_secs_f64(),
        }
    }
}

/// Returns the middle duration, the lower of two; 0 if there is none.
fn median(durations: &[Duration]) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    sorted
        .get(sorted.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or_default()
}

/// The rows that the same fit gave from several seeds, at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows(Vec<Row>);

impl Rows {
    /// Gathers rows, one a seed.
    ///
    /// # Panics
    /// If there is none.
    pub fn new(rows: Vec<Row>) -> Self {
        assert!(!rows.is_empty(), "a result needs a row");
        Self(rows)
    }

    /// Returns the rows, one a seed.
    pub fn seeds(&self) -> &[Row] {
        &self.0
    }

    /// Returns one column of the rows.
    pub fn figure(&self, column: impl Fn(&Row) -> f64) -> Figure {
        Figure {
            values: self.0.iter().map(column).collect(),
        }
    }

    /// Returns the row as JSON: numbers if there is one seed, else `{"mean", "std", "values"}` in the place of each.
    pub fn to_json(&self) -> Value {
        let rows: Vec<Value> = self.0.iter().map(|row| json!(row)).collect();
        let [row] = rows.as_slice() else {
            let names = rows[0].as_object().into_iter().flat_map(|row| row.keys());
            let values = |name: &String| rows.iter().map(|row| row[name].clone()).collect();
            return names.map(|name| (name.clone(), spread_to_json(values(name)))).collect();
        };
        row.clone()
    }
}

fn spread_to_json(values: Vec<Value>) -> Value {
    let figure = Figure {
        values: values.iter().filter_map(Value::as_f64).collect(),
    };
    json!({ "mean": figure.mean(), "std": figure.standard_deviation(), "values": values })
}

/// A number that was measured once a seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The values, one a seed.
    pub values: Vec<f64>,
}

impl Figure {
    /// Returns the mean of the values.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Returns the sample standard deviation (over n - 1); 0 for a single value.
    ///
    /// # Example
    /// ```
    /// use ch11_core::report::Figure;
    ///
    /// let figure = Figure { values: vec![1.0, 2.0, 3.0, 4.0] };
    /// assert_eq!(figure.mean(), 2.5);
    /// assert!((figure.standard_deviation() - (5.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    /// ```
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / self.values.len().saturating_sub(1).max(1) as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(test_accuracy: f64) -> Row {
        Row {
            test_accuracy,
            test_precision: 0.9,
            test_loss: 0.1,
            epochs: 3,
            best_epoch: 2,
            seconds: 1.5,
            epoch_seconds: 0.5,
        }
    }

    #[test]
    fn one_seed_gives_numbers() {
        let expected = r#"{"best_epoch":2,"epoch_seconds":0.5,"epochs":3,"seconds":1.5,"test_accuracy":0.75,"test_loss":0.1,"test_precision":0.9}"#;
        assert_eq!(
            Rows::new(vec![row(0.75)]).to_json(),
            serde_json::from_str::<Value>(expected).unwrap()
        );
    }

    #[test]
    fn several_seeds_give_spreads() {
        let json = Rows::new(vec![row(0.25), row(0.75)]).to_json();
        let expected = json!({ "mean": 0.5, "std": 0.125_f64.sqrt(), "values": [0.25, 0.75] });
        assert_eq!(json["test_accuracy"], expected);
        assert_eq!(json["epochs"]["values"], json!([3, 3]));
    }

    #[test]
    fn the_median_is_the_middle() {
        let seconds = |values: &[u64]| values.iter().copied().map(Duration::from_secs).collect::<Vec<_>>();
        assert_eq!(median(&seconds(&[9, 1, 5])), Duration::from_secs(5));
        assert_eq!(median(&seconds(&[4, 2])), Duration::from_secs(2));
        assert_eq!(median(&[]), Duration::ZERO);
    }
}
