//! What parts b to e do alike: train a network per seed, test it once, and keep what the tables and pictures need.

use ch11_core::data::PIXELS;
use ch11_core::metrics::{ConfusionMatrix, evaluate};
use ch11_core::nets::Classifier;
use ch11_harness::cli::{Session, Stage};
use ch11_harness::report::{Curve, Exhibit, ResultRow, RunResult, Samples};
use serde_json::Value;

use crate::part_a::CLASSES;

/// A network after its fit, from one seed.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The results of the fit and of the test.
    pub result: RunResult,
    /// The fraction of training images that the kept weights classify correctly.
    pub train_accuracy: f64,
    /// The mean cross-entropy of the kept weights on the training images, in nats.
    pub train_loss: f64,
    /// The same fraction of validation images.
    pub validation_accuracy: f64,
    /// How the fit went.
    pub curve: Curve,
    /// The test images by class and prediction.
    pub confusion: ConfusionMatrix,
    /// What the report shows of the network, which is the first seed's.
    pub exhibit: Option<Exhibit>,
}

/// Trains the network that `network` makes of each seed on the training digits until it stops improving on the validation digits,
/// takes its best weights, and tests it once. `name` is for legends.
pub fn train<M: Classifier<PIXELS, CLASSES>>(
    session: &Session,
    stage: &Stage<'_>,
    name: &str,
    network: impl Fn(u64) -> M + Sync,
) -> anyhow::Result<Vec<Trained>> {
    let digits = &session.digits;
    stage.each_seed(|run| {
        let fitted = run.fit(network(run.seed), &digits.train, &digits.validation)?;
        let [train, validation, test] =
            [&digits.train, &digits.validation, &digits.test].map(|set| evaluate(&fitted.network, set));
        Ok(Trained {
            result: run.result(&fitted, &test)?,
            train_accuracy: train.accuracy(),
            train_loss: train.loss,
            validation_accuracy: validation.accuracy(),
            curve: Curve::of(name, &fitted),
            exhibit: (run.index == 0).then(|| session.exhibit(&fitted.network, &test)),
            confusion: test.confusion,
        })
    })
}

/// Puts the results of all seeds in a row.
pub fn row(trained: &[Trained]) -> ResultRow {
    ResultRow::new(trained.iter().map(|trained| trained.result).collect())
}

/// Takes one number of each seed.
pub fn samples(trained: &[Trained], number: impl Fn(&Trained) -> f64) -> Samples {
    Samples { values: trained.iter().map(number).collect() }
}

/// Writes the row as JSON, with the accuracy on the training images in it.
pub fn row_with_training(trained: &[Trained]) -> Value {
    let mut json = row(trained).to_json();
    json["train_accuracy"] = samples(trained, |trained| trained.train_accuracy).to_json();
    json
}
