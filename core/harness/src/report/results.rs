//! The results of a fit, and of the same fit from several seeds.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use ch11_core::metrics::Evaluation;
use ch11_core::train::Fitted;

/// The results of one fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RunResult {
    /// The fraction of test instances classified correctly.
    pub test_accuracy: f64,
    /// Macro precision on the test instances.
    pub test_precision: f64,
    /// Mean cross-entropy in nats on the test instances.
    pub test_loss: f64,
    /// Mean cross-entropy in nats on the validation instances, which decided when to stop.
    pub validation_loss: f64,
    /// Epochs trained.
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// Time of the whole fit, if it is known: training and validation. Saving and the test are not counted.
    pub seconds: Option<f64>,
    /// Median time of an epoch's training, if it is known; validation is not counted.
    pub epoch_seconds: Option<f64>,
}

impl RunResult {
    /// Puts together what a fit took and how its network did on the test instances; nothing if a loss is not finite.
    pub fn new<M>(fitted: &Fitted<M>, test: &Evaluation) -> Option<Self> {
        let (_, best) = fitted.history.best()?;
        test.loss.is_finite().then(|| Self {
            test_accuracy: test.accuracy(),
            test_precision: test.precision(),
            test_loss: test.loss,
            validation_loss: best.validation_loss,
            epochs: fitted.history.len(),
            best_epoch: fitted.best_epoch(),
            seconds: fitted.duration().map(|it| it.as_secs_f64()),
            epoch_seconds: fitted.median_epoch().map(|it| it.as_secs_f64()),
        })
    }
}

impl RunResult {
    /// Adds to the time of the whole fit what had to be done before it, such as making a cache.
    #[must_use]
    pub fn after(self, preparation: Duration) -> Self {
        Self { seconds: self.seconds.map(|seconds| seconds + preparation.as_secs_f64()), ..self }
    }
}

/// A row of a table of results: the same fit from one seed or several.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRow(Vec<RunResult>);

impl ResultRow {
    /// Gathers the results of one fit per seed.
    ///
    /// # Panics
    /// If there is none.
    pub fn new(runs: Vec<RunResult>) -> Self {
        assert!(!runs.is_empty(), "a row needs a result");
        Self(runs)
    }

    /// Returns one of the numbers, once per seed.
    pub fn samples(&self, number: impl Fn(&RunResult) -> f64) -> Samples {
        Samples { values: self.0.iter().map(number).collect() }
    }

    /// Returns a time, once per seed, if it is known of all.
    pub fn times(&self, time: impl Fn(&RunResult) -> Option<f64>) -> Option<Samples> {
        Some(Samples { values: self.0.iter().map(time).collect::<Option<_>>()? })
    }

    /// Returns the row as JSON: numbers if there is one seed, else `{"mean", "std", "values"}` in place of each. What is not known is null.
    pub fn to_json(&self) -> Value {
        let runs: Vec<Value> = self.0.iter().map(|run| json!(run)).collect();
        let [run] = runs.as_slice() else {
            let names = runs[0].as_object().into_iter().flat_map(|run| run.keys());
            let values = |name: &String| runs.iter().map(|run| run[name].clone()).collect();
            return names.map(|name| (name.clone(), spread_to_json(values(name)))).collect();
        };
        run.clone()
    }
}

fn spread_to_json(values: Vec<Value>) -> Value {
    let known: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
    let samples = known.map(|values| Samples { values });
    json!({
        "mean": samples.as_ref().map(Samples::mean),
        "std": samples.as_ref().map(Samples::standard_deviation),
        "values": values,
    })
}

/// A number that was measured once per seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// The values, one per seed.
    pub values: Vec<f64>,
}

impl Samples {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ch11_core::metrics::ConfusionMatrix;
    use ch11_core::train::{Ending, Epoch, History};

    fn run(test_accuracy: f64) -> RunResult {
        RunResult {
            test_accuracy,
            test_precision: 0.9,
            test_loss: 0.1,
            validation_loss: 0.2,
            epochs: 3,
            best_epoch: 2,
            seconds: Some(1.5),
            epoch_seconds: Some(0.5),
        }
    }

    #[test]
    fn one_seed_gives_numbers() {
        let expected = json!({
            "test_accuracy": 0.75, "test_precision": 0.9, "test_loss": 0.1, "validation_loss": 0.2,
            "epochs": 3, "best_epoch": 2, "seconds": 1.5, "epoch_seconds": 0.5,
        });
        assert_eq!(ResultRow::new(vec![run(0.75)]).to_json(), expected);
    }

    #[test]
    fn several_seeds_give_spreads() {
        let json = ResultRow::new(vec![run(0.25), run(0.75)]).to_json();
        let expected = json!({ "mean": 0.5, "std": 0.125_f64.sqrt(), "values": [0.25, 0.75] });
        assert_eq!(json["test_accuracy"], expected);
        assert_eq!(json["epochs"]["values"], json!([3, 3]));
    }

    #[test]
    fn a_time_that_is_not_known_is_null_and_so_is_its_mean() {
        let lost = RunResult { seconds: None, ..run(0.75) };
        assert_eq!(ResultRow::new(vec![lost]).to_json()["seconds"], Value::Null);
        let row = ResultRow::new(vec![lost, run(0.75)]);
        assert_eq!(row.to_json()["seconds"], json!({ "mean": null, "std": null, "values": [null, 1.5] }));
        assert_eq!(row.times(|run| run.seconds), None);
        assert_eq!(lost.after(Duration::from_secs(1)).seconds, None);
    }

    #[test]
    fn there_is_no_result_with_a_loss_that_is_not_finite() {
        let mut history = History::default();
        history.push(Epoch { validation_loss: 0.5, ..Epoch::default() });
        let fitted = |history| Fitted {
            network: (),
            history,
            ending: Ending::EpochLimit,
            epoch_durations: Vec::new(),
            elapsed: Vec::new(),
        };
        let test = |loss| Evaluation { loss, confusion: ConfusionMatrix::new(2), predictions: Vec::new() };
        assert!(RunResult::new(&fitted(history.clone()), &test(0.5)).is_some());
        for loss in [f64::INFINITY, f64::NAN] {
            assert_eq!(RunResult::new(&fitted(history.clone()), &test(loss)), None);
        }
        assert_eq!(RunResult::new(&fitted(History::default()), &test(0.5)), None);
    }
}
