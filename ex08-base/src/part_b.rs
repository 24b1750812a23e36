//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.
//!
//! The training loop is [`train_on_tape`](ch11_core::train::train_on_tape); a classifier takes the same steps fused, which is faster and rounds
//! otherwise. Early stopping and checkpoints are in [`fit_task`](ch11_core::train::fit_task).

use ch11_core::data::Digits;
use ch11_core::nets::build;
use ch11_core::shown;
use ch11_core::train::{Epoch, Recipe, seed_folder};
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Samples, Tested, percent};
use serde_json::json;

use crate::part_a::Network;

/// The name of the fit.
pub const FIT: &str = "b";

/// The test accuracy of the reference notebook, ageron/handson-ml's `11_deep_learning.ipynb`, from one run that went badly:
/// the learning rate was 0.01.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

/// The highest validation accuracy and the lowest validation loss of the notebook that this solution began from, within its first 12 epochs:
/// batches of 100, Adam at its usual rate, the same 2,558 digits.
const LOGGED: (f64, f64) = (0.99101, 0.030_625);
const LOGGED_EPOCHS: usize = 12;

const TITLE: &str = "Adam and early stopping";

const ROW: &str = "Adam, early stopping";

/// Trains the network from each seed, and tests it once; parts d and e compare theirs with it.
pub fn train(session: &Session) -> anyhow::Result<Vec<Tested<Network>>> {
    session.begin("8b", TITLE);
    let Digits { train, validation, test, .. } = &session.digits;
    session
        .fits(FIT, Recipe::DEEP_NET)
        .each_seed(|run| run.fit_and_test(build::<Network>(run.seed), train, validation, test))
}

/// Returns its row for comparisons, if it was trained.
pub fn row_if_trained(tested: &[Tested<Network>]) -> Option<Row> {
    (!tested.is_empty()).then(|| Row { part: "8b".to_owned(), ..Row::of(ROW, tested) })
}

/// Shows how it did.
pub fn run(session: &mut Session, tested: &[Tested<Network>]) {
    let row = Row::of(ROW, tested).notebook(NOTEBOOK_ACCURACY);
    let (accuracy, precision) = (percent(&row.test_accuracy()), percent(&row.samples(|run| run.test_precision)));
    let (first, seed) = (&tested[0], session.args.all_seeds()[0]);
    let early = Validation::of_the_first_epochs(tested);
    let findings = Findings::new("8b", TITLE)
        .values(row.to_json())
        .value(
            "validation_within_12_epochs",
            json!({ "accuracy": early.accuracy.to_json(), "loss": early.loss.to_json() }),
        )
        .rows([row])
        .curves()
        .spreads(&session.spreads_of(FIT))
        .remark(format!("The test digits of seed {seed}:\n{}\n", first.test.confusion))
        .say(format!("Test accuracy {accuracy}, macro precision {precision}."))
        .say(early.sentence())
        .remark(format!("The network is in {}.", shown(seed_folder(&session.folder_of(FIT), seed))))
        .classifier(session.view_of(&first.fitted.network, &first.test));
    session.conclude(findings);
}

/// The highest validation accuracy and the lowest validation loss within the first epochs, from each seed.
struct Validation {
    accuracy: Samples,
    loss: Samples,
}

impl Validation {
    fn of_the_first_epochs(tested: &[Tested<Network>]) -> Self {
        let epochs = |it: &Tested<Network>| it.fitted.history.epochs().iter().take(LOGGED_EPOCHS).copied().collect();
        let epochs: Vec<Vec<Epoch>> = tested.iter().map(epochs).collect();
        let accuracy = |epochs: &Vec<Epoch>| epochs.iter().map(|it| it.validation_accuracy).fold(0.0, f64::max);
        let loss = |epochs: &Vec<Epoch>| epochs.iter().map(|it| it.validation_loss).fold(f64::INFINITY, f64::min);
        Self { accuracy: Samples::of(&epochs, accuracy), loss: Samples::of(&epochs, loss) }
    }

    fn sentence(&self) -> String {
        let (accuracy, loss) = LOGGED;
        format!(
            "Within {LOGGED_EPOCHS} epochs, validation accuracy reached {} and validation loss {:.4}; on MNIST, the notebook that this solution \
             began from logged {:.2} % and {loss:.4}.",
            percent(&self.accuracy),
            self.loss.mean(),
            100.0 * accuracy,
        )
    }
}
