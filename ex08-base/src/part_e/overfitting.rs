//! Whether a network overfits: how much lower its loss is on the digits that it was trained on.

use ch11_core::metrics::{Evaluation, evaluate};
use ch11_core::nets::Classifier;
use ch11_harness::cli::Session;
use ch11_harness::report::{Samples, Tested, percent};
use serde_json::Value;

use crate::part_a::CLASSES;

/// A validation loss so many times the training loss is overfitting.
const FAR_HIGHER: f64 = 2.0;

/// How the kept weights do on all three sets, from each seed.
pub struct ThreeSets {
    train_loss: Samples,
    validation_loss: Samples,
    /// The validation loss of the last epoch, `patience` after that of the kept weights.
    last_validation_loss: Samples,
    train_accuracy: Samples,
    validation_accuracy: Samples,
    test_accuracy: Samples,
}

impl ThreeSets {
    /// Evaluates the networks on the training digits.
    pub fn of<M: Classifier<784, CLASSES>>(session: &Session, tested: &[Tested<M>]) -> anyhow::Result<Self> {
        let train: Vec<Evaluation> =
            session.side_by_side(tested, |it| Ok(evaluate(&it.fitted.network, &session.digits.train)))?;
        let best_epoch = |it: &Tested<M>| it.fitted.history.best().map_or(0.0, |(_, best)| best.validation_accuracy);
        let last = |it: &Tested<M>| it.fitted.history.last().map_or(f64::NAN, |last| last.validation_loss);
        Ok(Self {
            train_loss: Samples::of(&train, |it| it.loss),
            validation_loss: Samples::of(tested, Tested::validation_loss),
            last_validation_loss: Samples::of(tested, last),
            train_accuracy: Samples::of(&train, Evaluation::accuracy),
            validation_accuracy: Samples::of(tested, best_epoch),
            test_accuracy: Samples::of(tested, |it| it.test.accuracy()),
        })
    }

    /// Says the accuracy on each set.
    pub fn sentence(&self, name: &str) -> String {
        let sets = [&self.train_accuracy, &self.validation_accuracy, &self.test_accuracy];
        let [train, validation, test] = sets.map(percent);
        format!(
            "{name}: accuracy {train} on training digits, {validation} on validation digits, {test} on test digits."
        )
    }

    /// Adds the figures on training digits to a row in JSON.
    pub fn add_to(&self, mut row: Value) -> Value {
        row["train_accuracy"] = self.train_accuracy.to_json();
        row["train_loss"] = self.train_loss.to_json();
        row["last_validation_loss"] = self.last_validation_loss.to_json();
        row
    }

    /// Counts the seeds whose validation loss is far higher than their training loss.
    fn overfitted(&self) -> usize {
        let pairs = self.train_loss.values.iter().zip(&self.validation_loss.values);
        pairs.filter(|(train, validation)| **validation > FAR_HIGHER * **train).count()
    }

    fn losses(&self) -> String {
        let [train, validation] = [&self.train_loss, &self.validation_loss].map(Samples::mean);
        format!("{train:.4} on the training digits and {validation:.4} on the validation digits")
    }

    /// Says how far the validation loss rises again after the kept weights, if it does.
    fn rise(&self) -> String {
        let [kept, last] = [&self.validation_loss, &self.last_validation_loss].map(Samples::mean);
        if last > kept { format!(", which rises to {last:.4} by the last epoch") } else { String::new() }
    }
}

/// Says on how many seeds the plain network was overfitting, and how far dropout changes that.
pub fn answer(plain: &ThreeSets, dropout: &ThreeSets) -> String {
    let (overfitted, seeds) = (plain.overfitted(), plain.train_loss.values.len());
    let answer = match overfitted {
        0 => "Hardly: on no seed is the validation loss more".to_owned(),
        _ if seeds == 1 => "Yes: on this seed, the validation loss is more".to_owned(),
        some => format!("Yes: on {some} of {seeds} seeds, the validation loss is more"),
    };
    format!(
        "Was it overfitting? {answer} than twice the training loss. The plain network's loss is {}{}; with dropout, {}.",
        plain.losses(),
        plain.rise(),
        dropout.losses()
    )
}
