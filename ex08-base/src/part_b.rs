//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.
//!
//! The training loop is [`train_on_tape`](ch11_core::train::train_on_tape); a classifier takes the same steps fused, which is faster and rounds
//! otherwise. Early stopping and checkpoints are in [`fit_task`](ch11_core::train::fit_task).

use ch11_core::data::Digits;
use ch11_core::nets::build;
use ch11_core::shown;
use ch11_core::train::{Recipe, seed_folder};
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Tested, percent};

use crate::part_a::Network;

/// The name of the fit.
pub const FIT: &str = "b";

/// The test accuracy of the reference notebook, ageron/handson-ml's `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

const TITLE: &str = "Adam and early stopping";

/// Trains the network from each seed, and tests it once; parts d and e compare theirs with it.
pub fn train(session: &Session) -> anyhow::Result<Vec<Tested<Network>>> {
    session.begin("8b", TITLE);
    let Digits { train, validation, test, .. } = &session.digits;
    session
        .fits(FIT, Recipe::DEEP_NET)
        .each_seed(|run| run.fit_and_test(build::<Network>(run.seed), train, validation, test))
}

/// Shows how it did.
pub fn run(session: &mut Session, tested: &[Tested<Network>]) {
    let row = Row::of("Adam, early stopping", tested).notebook(NOTEBOOK_ACCURACY);
    let (accuracy, precision) = (percent(&row.test_accuracy()), percent(&row.samples(|run| run.test_precision)));
    let (first, seed) = (&tested[0], session.args.seed);
    let findings = Findings::new("8b", TITLE)
        .values(row.to_json())
        .rows([row])
        .curves()
        .remark(format!("The test digits of seed {seed}:\n{}\n", first.test.confusion))
        .say(format!("Test accuracy {accuracy}, macro precision {precision}."))
        .remark(format!("The network is in {}.", shown(seed_folder(&session.folder_of(FIT), seed))))
        .classifier(session.view_of(&first.fitted.network, &first.test));
    session.conclude(findings);
}
