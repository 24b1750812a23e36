//! 8d. Add batch normalisation between each hidden layer's matrix product and its activation: does it converge faster, and is the model
//! better?

use std::time::Duration;

use ch11_core::data::Digits;
use ch11_core::nets::{NormalisedDeepNet, build};
use ch11_core::train::{Fitted, Recipe};
use ch11_harness::cli::Session;
use ch11_harness::report::{Row, Samples, Tested};

use crate::part_a::{CLASSES, Network};

/// The name of the fit.
pub const FIT: &str = "d";

/// The test accuracy of the reference notebook.
const NOTEBOOK_ACCURACY: f64 = 0.9942;

/// Trains the same network with batch normalisation, beside the plain one.
pub fn run(session: &mut Session, plain: &[Tested<Network>]) -> anyhow::Result<()> {
    let findings = session.begin("8d", "Batch normalisation");
    let Digits { train, validation, test, .. } = &session.digits;
    let normalised = session
        .fits(FIT, Recipe::DEEP_NET)
        .each_seed(|run| run.fit_and_test(build::<NormalisedDeepNet<CLASSES>>(run.seed), train, validation, test))?;

    let plain_row = Row::of("plain", plain).key("plain");
    let row = Row::of("batch normalisation", &normalised).key("batch_norm").notebook(NOTEBOOK_ACCURACY);
    let Tested { fitted, test, .. } = &normalised[0];
    let findings = findings
        .compare("Better? Batch normalisation", &plain_row, &row)
        .rows([plain_row, row])
        .curves()
        .say(is_it_faster(plain, &normalised))
        .classifier(session.view_of(&fitted.network, test));
    session.conclude(findings);
    Ok(())
}

/// Compares how long each took to reach the plain network's lowest validation loss; means over the seeds.
fn is_it_faster<M, N>(plain: &[Tested<M>], normalised: &[Tested<N>]) -> String {
    let durations = plain.iter().map(Tested::duration).chain(normalised.iter().map(Tested::duration));
    if durations.into_iter().any(|it| it.is_none()) {
        return "Faster? The times of a fit were lost, so that cannot be told.".to_owned();
    }
    let loss = Samples::of(plain, Tested::validation_loss).mean();
    let pairs = || plain.iter().zip(normalised);
    let reached: Vec<_> = pairs().map(|(plain, it)| time_to(&it.fitted, plain.validation_loss())).collect();
    let own: Vec<_> = plain.iter().filter_map(|it| time_to(&it.fitted, it.validation_loss())).collect();
    let there: Vec<_> = reached.iter().flatten().copied().collect();
    if there.len() < reached.len() {
        let missing = reached.len() - there.len();
        return format!(
            "Faster? No: {missing} of {} fits with batch normalisation never came down to the plain network's validation loss ({loss:.4}).",
            reached.len()
        );
    }
    let means = |times: &[(usize, Duration)]| {
        let epochs = Samples::of(times, |&(epochs, _)| epochs as f64).mean();
        (epochs, Samples::of(times, |(_, elapsed)| elapsed.as_secs_f64()).mean())
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
fn time_to<M>(fitted: &Fitted<M>, loss: f64) -> Option<(usize, Duration)> {
    let first = fitted.history.epochs().iter().position(|epoch| epoch.validation_loss <= loss)?;
    Some((first + 1, *fitted.elapsed.get(first)?))
}
