//! 8e. Was the network overfitting its training digits? Add dropout to every layer: does that help?

mod overfitting;
mod rates;

use ch11_core::data::Digits;
use ch11_core::nets::{DropoutDeepNet, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Row, Tested};

use crate::part_a::{CLASSES, Network};
use overfitting::ThreeSets;
use rates::{RATES, Rates};

/// The test accuracy of the reference notebook, with a rate of 0.5.
const NOTEBOOK_ACCURACY: f64 = 0.9862;

/// Names the fits.
pub fn fits() -> Vec<String> {
    RATES.iter().flat_map(|rates| [rates.fit_name()].into_iter().chain(rates.names_on_folds())).collect()
}

/// Chooses the rates of dropout by cross-validation on the training digits, and trains the network with all of them on all of those digits.
pub fn run(session: &mut Session, plain: &[Tested<Network>]) -> anyhow::Result<()> {
    let findings = session.begin("8e", "Dropout on every layer");
    let losses = rates::cross_validate(session)?;
    let chosen = (0..RATES.len()).min_by(|&a, &b| losses[a].mean().total_cmp(&losses[b].mean())).unwrap_or(0);
    let Digits { train, validation, test, .. } = &session.digits;
    let tried = session.side_by_side(&RATES, |rates| {
        let fits = session.fits(&rates.fit_name(), Recipe::DEEP_NET).brief();
        fits.each_seed(|run| run.fit_and_test(rates.network(run.seed), train, validation, test))
    })?;
    let (rates, dropout) = (RATES[chosen], &tried[chosen]);
    let [plain_sets, sets] = [ThreeSets::of(session, plain)?, ThreeSets::of(session, dropout)?];

    let plain_row = Row::of("plain", plain);
    let rows: Vec<Row> = RATES.iter().zip(&tried).map(|(rates, tested)| Row::of(&rates.to_string(), tested)).collect();
    let chosen_row = format!("Dropout of {}, chosen by cross-validation,", rates.in_words());
    let mut findings = findings
        .value("plain", plain_sets.add_to(plain_row.to_json()))
        .value("dropout", sets.add_to(rows[chosen].to_json()))
        .value("rate", rates.hidden)
        .value("pixel_rate", rates.pixels)
        .value("rates", rates::to_json(&losses, &rows))
        .compare(&chosen_row, &plain_row, &rows[chosen]);
    for (index, other) in RATES.iter().enumerate().filter(|(index, _)| *index != chosen) {
        findings = findings.compare(&format!("Dropout of {}", other.in_words()), &plain_row, &rows[index]);
    }
    let findings = findings
        .rows([plain_row])
        .rows(rows)
        .notebook(NOTEBOOK_ACCURACY)
        .curves()
        .say(plain_sets.sentence("plain"))
        .say(sets.sentence(&rates.to_string()))
        .say(overfitting::answer(&plain_sets, &sets))
        .say(rates::choice(&losses, chosen))
        .classifier(session.view_of(&dropout[0].fitted.network, &dropout[0].test));
    session.conclude(findings);
    Ok(())
}

/// Makes the network with dropout on the input of every layer.
fn network(seed: u64, Rates { pixels, hidden }: Rates) -> DropoutDeepNet<CLASSES> {
    let mut network: DropoutDeepNet<CLASSES> = build(seed);
    let (h1, h2, h3, h4, h5, output) = &mut network;
    h1.0.rate = pixels as f32;
    for dropout in [&mut h2.0, &mut h3.0, &mut h4.0, &mut h5.0, &mut output.0] {
        dropout.rate = hidden as f32;
    }
    network
}
