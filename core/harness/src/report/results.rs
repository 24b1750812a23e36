//! The results of a fit, and of the same fit from several seeds.

use std::time::Duration;

use ch11_core::metrics::{Evaluation, Prediction};
use ch11_core::train::{Fitted, History};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Curve, Samples};

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
    /// Seconds of the whole fit, with its preparation and validation, without saving and the test; none if that is not
    /// known.
    pub seconds: Option<f64>,
    /// Median time of an epoch's training, if it is known; validation is not counted.
    pub epoch_seconds: Option<f64>,
}

/// A network after its fit, tested once.
#[derive(Debug, Clone)]
pub struct Tested<M> {
    /// The fit, and the network with its best weights.
    pub fitted: Fitted<M>,
    /// What the network made of the test instances.
    pub test: Evaluation,
    /// How long it took to prepare the fit: to make a cache, for instance.
    pub preparation: Duration,
}

impl<M> Tested<M> {
    /// Pairs a fit with its test; none if a loss is not finite.
    pub fn new(fitted: Fitted<M>, test: Evaluation) -> Option<Self> {
        let is_finite = fitted.history.best().is_some() && test.loss.is_finite();
        is_finite.then_some(Self { fitted, test, preparation: Duration::ZERO })
    }

    /// Adds what had to be done before the fit.
    #[must_use]
    pub fn after(self, preparation: Duration) -> Self {
        Self { preparation, ..self }
    }

    /// Makes another network of the one that was tested.
    pub fn map<N>(self, other: impl FnOnce(M) -> N) -> Tested<N> {
        let Self { fitted, test, preparation } = self;
        Tested { fitted: fitted.map(other), test, preparation }
    }

    /// Returns the lowest validation loss, of the epoch whose weights were kept.
    pub fn validation_loss(&self) -> f64 {
        self.fitted.history.best().map_or(f64::NAN, |(_, best)| best.validation_loss)
    }

    /// Returns how long the whole fit took with its preparation, if that is known.
    pub fn duration(&self) -> Option<Duration> {
        Some(self.fitted.duration()? + self.preparation)
    }

    fn result(&self) -> RunResult {
        RunResult {
            test_accuracy: self.test.accuracy(),
            test_precision: self.test.precision(),
            test_loss: self.test.loss,
            validation_loss: self.validation_loss(),
            epochs: self.fitted.history.len(),
            best_epoch: self.fitted.best_epoch(),
            seconds: self.duration().map(|it| it.as_secs_f64()),
            epoch_seconds: self.fitted.median_epoch().map(|it| it.as_secs_f64()),
        }
    }
}

/// A row of a table of results: the same fit from one seed or several.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The part, such as `8d`; if it is empty, that of the findings which the row is added to.
    pub part: String,
    /// What was trained, as people call it.
    pub name: String,
    /// What JSON calls it; a row without a key is not in it.
    pub key: Option<&'static str>,
    /// The results, from each seed.
    pub results: Vec<RunResult>,
    /// Whether the first seed's network got each test instance right.
    pub correct: Vec<bool>,
    /// How the first seed's fit went.
    pub curve: Curve,
    /// The accuracy that the reference notebook got, a fraction: ageron/handson-ml, `11_deep_learning.ipynb`. It is always MNIST's.
    pub notebook: Option<f64>,
}

impl Row {
    /// Gathers the results of one fit per seed.
    ///
    /// # Panics
    /// If there is none.
    pub fn of<M>(name: &str, tested: &[Tested<M>]) -> Self {
        Self {
            part: String::new(),
            name: name.to_owned(),
            key: None,
            results: tested.iter().map(Tested::result).collect(),
            correct: tested[0].test.predictions.iter().map(Prediction::is_right).collect(),
            curve: Curve::of(name, &tested[0].fitted),
            notebook: None,
        }
    }

    /// Gathers what was tested without having been trained, from each seed. It has no loss, and no epochs.
    ///
    /// # Panics
    /// If there is none.
    pub fn untrained(name: &str, tests: &[Evaluation]) -> Self {
        let result = |test: &Evaluation| RunResult {
            test_accuracy: test.accuracy(),
            test_precision: test.precision(),
            test_loss: test.loss,
            validation_loss: f64::NAN,
            epochs: 0,
            best_epoch: 0,
            seconds: None,
            epoch_seconds: None,
        };
        Self {
            part: String::new(),
            name: name.to_owned(),
            key: None,
            results: tests.iter().map(result).collect(),
            correct: tests[0].predictions.iter().map(Prediction::is_right).collect(),
            curve: Curve { name: name.to_owned(), history: History::default(), elapsed: Vec::new() },
            notebook: None,
        }
    }

    /// Names it in JSON.
    #[must_use]
    pub fn key(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Sets the reference notebook's accuracy beside it.
    #[must_use]
    pub fn notebook(self, accuracy: f64) -> Self {
        Self { notebook: Some(accuracy), ..self }
    }

    /// Returns one of the numbers, once per seed.
    pub fn samples(&self, number: impl Fn(&RunResult) -> f64) -> Samples {
        Samples::of(&self.results, number)
    }

    /// Returns the test accuracy, once per seed.
    pub fn test_accuracy(&self) -> Samples {
        self.samples(|run| run.test_accuracy)
    }

    /// Returns a time, once per seed, if it is known of all.
    pub fn times(&self, time: impl Fn(&RunResult) -> Option<f64>) -> Option<Samples> {
        Some(Samples { values: self.results.iter().map(time).collect::<Option<_>>()? })
    }

    /// Returns the row as JSON: numbers if there is one seed, else `{"mean", "std", "values"}` in place of each. What is not known is null.
    pub fn to_json(&self) -> Value {
        let runs: Vec<Value> = self.results.iter().map(|run| json!(run)).collect();
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

#[cfg(test)]
mod tests {
    use ch11_core::metrics::ConfusionMatrix;
    use ch11_core::train::{Ending, Epoch};

    use super::*;

    /// A fit of two epochs that took as long as is said, if that is known, and its test.
    fn tested(loss: f64, seconds: Option<u64>) -> Option<Tested<()>> {
        let mut history = History::default();
        for validation_loss in [0.2, 0.5] {
            history.push(Epoch { validation_loss, ..Epoch::default() });
        }
        let times = |factors: [u64; 2]| {
            seconds.iter().flat_map(move |&it| factors.map(|factor| Duration::from_secs(factor * it)))
        };
        let (epoch_durations, elapsed) = (times([1, 1]).collect(), times([1, 2]).collect());
        let fitted = Fitted { network: (), history, ending: Ending::EpochLimit, epoch_durations, elapsed };
        let mut confusion = ConfusionMatrix::new(2);
        [(0, 0), (0, 1), (1, 1), (1, 1)].into_iter().for_each(|(class, prediction)| confusion.add(class, prediction));
        Tested::new(fitted, Evaluation { loss, confusion, predictions: Vec::new() })
    }

    fn row(seconds: &[Option<u64>]) -> Row {
        Row::of("row", &seconds.iter().filter_map(|&seconds| tested(0.1, seconds)).collect::<Vec<_>>())
    }

    #[test]
    fn one_seed_gives_numbers() {
        let expected = json!({
            "test_accuracy": 0.75, "test_precision": (1.0 + 2.0 / 3.0) / 2.0, "test_loss": 0.1, "validation_loss": 0.2,
            "epochs": 2, "best_epoch": 1, "seconds": 6.0, "epoch_seconds": 3.0,
        });
        assert_eq!(row(&[Some(3)]).to_json(), expected);
    }

    #[test]
    fn several_seeds_give_spreads() {
        let json = row(&[Some(1), Some(3)]).to_json();
        assert_eq!(json["epoch_seconds"], json!({ "mean": 2.0, "std": 2.0_f64.sqrt(), "values": [1.0, 3.0] }));
        assert_eq!(json["epochs"]["values"], json!([2, 2]));
    }

    #[test]
    fn a_time_that_is_not_known_is_null_and_so_is_its_mean() {
        assert_eq!(row(&[None]).to_json()["seconds"], Value::Null);
        let row = row(&[None, Some(3)]);
        assert_eq!(row.to_json()["seconds"], json!({ "mean": null, "std": null, "values": [null, 6.0] }));
        assert_eq!(row.times(|run| run.seconds), None);
    }

    #[test]
    fn what_had_to_be_done_before_a_fit_is_part_of_its_time_if_that_is_known() {
        let seconds = |known| tested(0.1, known).unwrap().after(Duration::from_secs(1)).result().seconds;
        assert_eq!([Some(3), None].map(seconds), [Some(7.0), None]);
    }

    #[test]
    fn what_was_never_trained_has_an_accuracy_and_neither_loss_nor_time() {
        let test = Evaluation { loss: f64::NAN, ..tested(0.1, None).unwrap().test };
        let row = Row::untrained("row", &[test]);
        let json = row.to_json();
        assert_eq!(
            (&json["test_accuracy"], &json["test_loss"], &json["epochs"]),
            (&json!(0.75), &Value::Null, &json!(0))
        );
        assert_eq!(super::super::table::text(&[row]).lines().nth(1).unwrap().matches(" -").count(), 3);
    }

    #[test]
    fn there_is_no_result_with_a_loss_that_is_not_finite() {
        assert!(tested(0.5, None).is_some());
        for loss in [f64::INFINITY, f64::NAN] {
            assert!(tested(loss, None).is_none());
        }
        let Tested { fitted, test, .. } = tested(0.5, None).unwrap();
        assert!(Tested::new(Fitted { history: History::default(), ..fitted }, test).is_none());
    }
}
