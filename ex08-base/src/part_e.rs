//! 8e. Was the network overfitting its training digits? Add dropout to every layer: does that help?

use ch11_core::data::Digits;
use ch11_core::metrics::{Evaluation, evaluate};
use ch11_core::nets::{Classifier, DropoutDeepNet, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Row, Samples, Tested, percent};
use serde_json::{Value, json};

use crate::part_a::{CLASSES, Network};

/// The test accuracy of the reference notebook, with a rate of 0.5.
const NOTEBOOK_ACCURACY: f64 = 0.9862;

/// The rates that are tried.
const RATES: [f64; 4] = [0.05, 0.1, 0.2, 0.5];

/// Names the fits.
pub fn fits() -> [String; 4] {
    RATES.map(fit_name)
}

fn fit_name(rate: f64) -> String {
    format!("e/dropout-{rate}")
}

/// Trains the network with dropout of several rates, and takes the one of lowest validation loss.
pub fn run(session: &mut Session, plain: &[Tested<Network>]) -> anyhow::Result<()> {
    let findings = session.begin("8e", "Dropout on every layer");
    let Digits { train, validation, test, .. } = &session.digits;
    let tried = session.side_by_side(&RATES, |&rate| {
        let fits = session.fits(&fit_name(rate), Recipe::DEEP_NET).fits_at_once(RATES.len()).brief();
        fits.each_seed(|run| run.fit_and_test(network(run.seed, rate), train, validation, test))
    })?;
    let losses = tried.iter().map(|tested| Samples::of(tested, Tested::validation_loss).mean());
    let best = losses.clone().enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(index, _)| index);
    let (rate, dropout) = (RATES[best], &tried[best]);
    let plain_sets = ThreeSets::of(session, plain)?;
    let dropout_sets = ThreeSets::of(session, dropout)?;

    let plain_row = Row::of("plain", plain);
    let rows: Vec<Row> =
        RATES.iter().zip(&tried).map(|(rate, tested)| Row::of(&format!("dropout {rate}"), tested)).collect();
    let what = format!("Does it help? Dropout of {rate}, which has the lowest validation loss,");
    let rates: Vec<Value> =
        RATES.iter().zip(losses).map(|(rate, loss)| json!({ "rate": rate, "validation_loss": loss })).collect();
    let findings = findings
        .value("plain", plain_sets.add_to(plain_row.to_json()))
        .value("dropout", dropout_sets.add_to(rows[best].to_json()))
        .value("rate", rate)
        .value("rates", rates)
        .compare(&what, &plain_row, &rows[best])
        .rows([plain_row])
        .rows(rows)
        .notebook(NOTEBOOK_ACCURACY)
        .curves()
        .say(plain_sets.sentence("plain"))
        .say(dropout_sets.sentence(&format!("dropout {rate}")))
        .say(is_it_overfitting(&plain_sets, plain))
        .classifier(session.view_of(&dropout[0].fitted.network, &dropout[0].test));
    session.conclude(findings);
    Ok(())
}

fn network(seed: u64, rate: f64) -> DropoutDeepNet<CLASSES> {
    let mut network: DropoutDeepNet<CLASSES> = build(seed);
    let (h1, h2, h3, h4, h5, output) = &mut network;
    for dropout in [&mut h1.0, &mut h2.0, &mut h3.0, &mut h4.0, &mut h5.0, &mut output.0] {
        dropout.rate = rate as f32;
    }
    network
}

/// How the kept weights do on all three sets, from each seed.
struct ThreeSets {
    train_loss: Samples,
    train_accuracy: Samples,
    validation_accuracy: Samples,
    test_accuracy: Samples,
}

impl ThreeSets {
    fn of<M: Classifier<784, CLASSES>>(session: &Session, tested: &[Tested<M>]) -> anyhow::Result<Self> {
        let train: Vec<Evaluation> =
            session.side_by_side(tested, |it| Ok(evaluate(&it.fitted.network, &session.digits.train)))?;
        let best_epoch = |it: &Tested<M>| it.fitted.history.best().map_or(0.0, |(_, best)| best.validation_accuracy);
        Ok(Self {
            train_loss: Samples::of(&train, |it| it.loss),
            train_accuracy: Samples::of(&train, Evaluation::accuracy),
            validation_accuracy: Samples::of(tested, best_epoch),
            test_accuracy: Samples::of(tested, |it| it.test.accuracy()),
        })
    }

    fn sentence(&self, name: &str) -> String {
        let sets = [&self.train_accuracy, &self.validation_accuracy, &self.test_accuracy];
        let [train, validation, test] = sets.map(percent);
        format!(
            "{name}: accuracy {train} on training digits, {validation} on validation digits, {test} on test digits."
        )
    }

    /// Adds the accuracy on training digits to a row in JSON.
    fn add_to(&self, mut row: Value) -> Value {
        row["train_accuracy"] = self.train_accuracy.to_json();
        row
    }
}

/// Compares the losses on training and validation digits: overfitting makes the first far lower.
fn is_it_overfitting<M>(sets: &ThreeSets, plain: &[Tested<M>]) -> String {
    let (train, validation) = (sets.train_loss.mean(), Samples::of(plain, Tested::validation_loss).mean());
    let answer = if validation > 2.0 * train { "Yes" } else { "Hardly" };
    format!(
        "Was it overfitting? {answer}: the plain network's loss is {train:.4} on the training digits and {validation:.4} on the validation digits."
    )
}
