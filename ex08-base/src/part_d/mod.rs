//! 8d. Add batch normalisation between each hidden layer's matrix product and its activation: does it converge faster, and is the model
//! better?

mod rates;

use ch11_core::data::Digits;
use ch11_core::nets::{Classifier, NormalisedDeepNet, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Races, Row, Tested};

use crate::part_a::{CLASSES, Network};
use rates::Sweep;

/// The names of the fits whose weights are not averaged.
const LAST_WEIGHTS: [&str; 2] = ["d/plain-last-weights", "d/batch-norm-last-weights"];

/// The validation losses to come down to. They were set before any fit; part b's network ends a little below the last.
const LEVELS: [f64; 3] = [0.05, 0.03, 0.02];

/// The name of the fit that part b's is compared with.
const FIT: &str = "d";

/// The test accuracy of the reference notebook.
const NOTEBOOK_ACCURACY: f64 = 0.9942;

type Normalised = NormalisedDeepNet<CLASSES>;

/// Names the fits.
pub fn fits() -> Vec<String> {
    [FIT].into_iter().chain(LAST_WEIGHTS).map(str::to_owned).chain(rates::fits()).collect()
}

/// Trains the same network with batch normalisation, beside the plain one: alike, each at its best learning rate, and without averages.
pub fn run(session: &mut Session, plain: &[Tested<Network>]) -> anyhow::Result<()> {
    let findings = session.begin("8d", "Batch normalisation");
    let recipe = session.args.recipe(Recipe::DEEP_NET);
    let normalised = train(session, FIT, recipe, build::<Normalised>)?;
    let plain_rates = Sweep::of("plain", session, recipe, plain, build::<Network>)?;
    let rates = Sweep::of("batch normalisation", session, recipe, &normalised, build::<Normalised>)?;

    let rows = [
        Row::of("plain", plain).key("plain"),
        Row::of("batch normalisation", &normalised).key("batch_norm").notebook(NOTEBOOK_ACCURACY),
    ];
    let mut races = Races::between(["plain", "batch_norm"]);
    races.over(&LEVELS, plain, &normalised);
    let view = session.view_of(&normalised[0].fitted.network, &normalised[0].test);
    let mut findings = findings.compare("Batch normalisation", &rows[0], &rows[1]).rows(rows);
    if [plain_rates.best_rate, rates.best_rate] != [recipe.learning_rate; 2] {
        races.over_epochs(", each at its best rate", &LEVELS, &plain_rates.best, &rates.best);
        let plain_row = plain_rates.best_row().key("plain_at_its_best_rate");
        let row = rates.best_row().key("batch_norm_at_its_best_rate");
        let question = "Batch normalisation, each network at its best rate,";
        findings = findings.compare(question, &plain_row, &row).rows([plain_row, row]);
    }
    findings = findings
        .say_each(races.sentences())
        .say(rates::borne(&plain_rates, &rates))
        .value("levels", races.to_json())
        .value("rates", rates::to_json(&plain_rates, &rates));
    if recipe.ema_decay.is_some() {
        let last = Recipe { ema_decay: None, ..recipe };
        let [plain_row, row] = [
            Row::of("plain, last weights", &train(session, LAST_WEIGHTS[0], last, build::<Network>)?),
            Row::of("batch normalisation, last weights", &train(session, LAST_WEIGHTS[1], last, build::<Normalised>)?),
        ];
        let [plain_row, row] = [plain_row.key("plain_last_weights"), row.key("batch_norm_last_weights")];
        let question = "Batch normalisation, without averages of the weights,";
        findings = findings.compare(question, &plain_row, &row).rows([plain_row, row]);
    }
    let note = "The lowest validation loss against the learning rate; means over the seeds.";
    session.conclude(findings.curves().plots(note, vec![rates::plot(&plain_rates, &rates)]).classifier(view));
    Ok(())
}

/// Trains a network from each seed by a recipe that the flags have already changed, and tests it once.
fn train<M: Classifier<784, CLASSES>>(
    session: &Session,
    name: &str,
    recipe: Recipe,
    network: impl Fn(u64) -> M + Sync,
) -> anyhow::Result<Vec<Tested<M>>> {
    let Digits { train, validation, test, .. } = &session.digits;
    let fits = session.fits(name, recipe).decided();
    fits.each_seed(|run| run.fit_and_test(network(run.seed), train, validation, test))
}
