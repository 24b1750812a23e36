//! 8e. Dropout: was the network overfitting, and does dropout on every layer help?

use ch11_core::nets::{DropoutDeepNet, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Samples, Section, Table, compare, percent};
use serde_json::json;

use crate::part_a::CLASSES;
use crate::training::{Trained, row, row_with_training, samples, train};

/// The test accuracy of the reference notebook, with a rate of 0.5.
const NOTEBOOK_ACCURACY: f64 = 0.9862;

/// The rates that are tried.
pub const RATES: [f64; 4] = [0.05, 0.1, 0.2, 0.5];

/// Names the fits with dropout of this rate.
pub fn stage_name(rate: f64) -> String {
    format!("e/dropout-{rate}")
}

/// Trains the network with dropout of several rates, and takes the one of lowest validation loss.
pub fn run(session: &mut Session, plain: &[Trained]) -> anyhow::Result<()> {
    session.print("\n8e. Dropout on every layer");
    let tried = session.side_by_side(&RATES, |&rate| {
        let stage = session.stage(&stage_name(rate), Recipe::DEEP_NET).one_of(RATES.len()).brief();
        train(session, &stage, &format!("dropout {rate}"), |seed| network(seed, rate))
    })?;
    let losses = tried.iter().map(|trained| samples(trained, |run| run.result.validation_loss).mean());
    let best = losses.clone().enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(index, _)| index);
    let (rate, dropout) = (RATES[best], &tried[best]);

    let mut table = Table::default();
    table.add("8e", "plain", &row(plain));
    for (rate, trained) in RATES.iter().zip(&tried) {
        table.add("8e", &format!("dropout {rate}"), &row(trained));
    }
    table.add_reference("8e", NOTEBOOK_ACCURACY);
    session.print(&table);
    session.print(format_args!("{}\n{}", three_sets("plain", plain), three_sets(&format!("dropout {rate}"), dropout)));

    let curves: Vec<_> =
        [plain].into_iter().chain(tried.iter().map(Vec::as_slice)).map(|it| it[0].curve.clone()).collect();
    session.save_learning_curves("e", "8e. With and without dropout", &curves)?;
    let overfitting = is_it_overfitting(plain);
    session.print(format_args!("8e. {overfitting}"));
    let accuracies = [plain, dropout].map(|trained| row(trained).samples(|run| run.test_accuracy));
    let what = format!("Does it help? A rate of {rate}, which has the lowest validation loss,");
    let helps = compare(&what, &accuracies[0], &accuracies[1], session.digits.test.len());
    session.print(format_args!("8e. {helps}"));
    session.report.add(
        Section::new("8e. Dropout on every layer")
            .table(&table)
            .say(overfitting)
            .say(helps)
            .curves(&curves)
            .exhibit(dropout[0].exhibit.as_ref()),
    );
    let rates: Vec<_> =
        RATES.iter().zip(losses).map(|(rate, loss)| json!({ "rate": rate, "validation_loss": loss })).collect();
    session.add_part(
        "e",
        json!({
            "plain": row_with_training(plain),
            "dropout": row_with_training(dropout),
            "rate": rate,
            "rates": rates,
        }),
    );
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

fn three_sets(name: &str, trained: &[Trained]) -> String {
    let [train, validation, test] = accuracies(trained).map(|accuracies| percent(&accuracies));
    format!(
        "8e. {name}: accuracy {train} on training digits, {validation} on validation digits, {test} on test digits."
    )
}

fn accuracies(trained: &[Trained]) -> [Samples; 3] {
    [
        samples(trained, |trained| trained.train_accuracy),
        samples(trained, |trained| trained.validation_accuracy),
        samples(trained, |trained| trained.result.test_accuracy),
    ]
}

/// Compares the losses on training and validation digits: one that has learnt its training digits by heart has a far lower one there.
fn is_it_overfitting(plain: &[Trained]) -> String {
    let [train, validation] = [
        samples(plain, |trained| trained.train_loss).mean(),
        samples(plain, |trained| trained.result.validation_loss).mean(),
    ];
    let answer = if validation > 2.0 * train { "Yes" } else { "Hardly" };
    format!(
        "Was it overfitting? {answer}: the plain network's loss is {train:.4} on the training digits and {validation:.4} on the validation digits."
    )
}
