//! 8d. Batch normalisation: does it converge faster, and is the model better?

use std::time::Duration;

use ch11_core::nets::{NormalisedDeepNet, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Curve, Samples, Section, Table, compare};
use serde_json::json;

use crate::part_a::CLASSES;
use crate::training::{Trained, row, train};

/// The test accuracy of the reference notebook.
const NOTEBOOK_ACCURACY: f64 = 0.9942;

/// Trains the same network with batch normalisation between each hidden layer's matrix product and its activation, beside the
/// plain one.
pub fn run(session: &mut Session, plain: &[Trained]) -> anyhow::Result<()> {
    session.print("\n8d. Batch normalisation");
    let stage = session.stage("d", Recipe::DEEP_NET);
    let normalised = train(session, &stage, "batch normalisation", build::<NormalisedDeepNet<CLASSES>>)?;

    let mut table = Table::default();
    table.add("8d", "plain", &row(plain));
    table.add("8d", "batch normalisation", &row(&normalised));
    table.add_reference("8d", NOTEBOOK_ACCURACY);
    session.print(&table);

    let curves = [plain[0].curve.clone(), normalised[0].curve.clone()];
    session.save_learning_curves("d", "8d. With and without batch normalisation", &curves)?;
    let faster = is_it_faster(plain, &normalised);
    session.print(format_args!("8d. {faster}"));
    let accuracies = [plain, &normalised].map(|trained| row(trained).samples(|run| run.test_accuracy));
    let better = compare("Better? It", &accuracies[0], &accuracies[1], session.digits.test.len());
    session.print(format_args!("8d. {better}"));
    session.report.add(
        Section::new("8d. Batch normalisation")
            .table(&table)
            .say(faster)
            .say(better)
            .curves(&curves)
            .exhibit(normalised[0].exhibit.as_ref()),
    );
    session.add_part("d", json!({ "plain": row(plain).to_json(), "batch_norm": row(&normalised).to_json() }));
    Ok(())
}

/// Compares how long both took to come down to the plain network's lowest validation loss, means over the seeds.
fn is_it_faster(plain: &[Trained], normalised: &[Trained]) -> String {
    if plain.iter().chain(normalised).any(|trained| trained.curve.elapsed.is_empty()) {
        return "Faster? The times of a fit were lost, so that cannot be told.".to_owned();
    }
    let target = |trained: &Trained| trained.result.validation_loss;
    let mean = |values: Vec<f64>| Samples { values }.mean();
    let loss = mean(plain.iter().map(target).collect());
    let reached: Vec<_> =
        plain.iter().zip(normalised).map(|(plain, other)| time_to(&other.curve, target(plain))).collect();
    let own: Vec<_> = plain.iter().filter_map(|plain| time_to(&plain.curve, target(plain))).collect();
    let there: Vec<_> = reached.iter().flatten().copied().collect();
    if there.len() < reached.len() {
        let missing = reached.len() - there.len();
        return format!(
            "Faster? No: {missing} of {} fits with batch normalisation never came down to the plain network's validation loss ({loss:.4}).",
            reached.len()
        );
    }
    let means = |times: &[(usize, Duration)]| {
        let epochs = mean(times.iter().map(|&(epochs, _)| epochs as f64).collect());
        (epochs, mean(times.iter().map(|(_, elapsed)| elapsed.as_secs_f64()).collect()))
    };
    let ((epochs, seconds), (plain_epochs, plain_seconds)) = (means(&there), means(&own));
    let answer = match (epochs < plain_epochs, seconds < plain_seconds) {
        (true, true) => "Yes",
        (true, false) => "In epochs yes, in seconds no",
        (false, true) => "In seconds yes, in epochs no",
        (false, false) => "No",
    };
    format!(
        "Faster? {answer}: to the plain network's lowest validation loss ({loss:.4}) it took {epochs:.0} epochs and {seconds:.1} s, the plain network {plain_epochs:.0} and {plain_seconds:.1} s."
    )
}

/// Returns the first epoch whose validation loss was at most `loss`, and how long the fit had then taken.
fn time_to(curve: &Curve, loss: f64) -> Option<(usize, Duration)> {
    let first = curve.history.epochs().iter().position(|epoch| epoch.validation_loss <= loss)?;
    Some((first + 1, *curve.elapsed.get(first)?))
}
