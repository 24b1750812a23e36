//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.
//!
//! The training loop is [`train_on_tape`](ch11_core::train::train_on_tape); a classifier takes the same steps fused, which is faster and rounds
//! otherwise. Early stopping and checkpoints are in [`fit_task`](ch11_core::train::fit_task).

use ch11_core::data::Digits;
use ch11_core::nets::build;
use ch11_core::shown;
use ch11_core::train::{Recipe, seed_folder};
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Samples, Tested, percent};
use serde_json::json;

use crate::part_a::Network;

/// The name of the fit.
pub const FIT: &str = "b";

/// The test accuracy of the reference notebook, ageron/handson-ml's `11_deep_learning.ipynb`, from one run that went badly:
/// the learning rate was 0.01.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

/// What that run logged on its validation digits, which are ours, in the epoch of its lowest loss: accuracy and loss. From the next epoch on,
/// it diverged.
const NOTEBOOK_EPOCH: usize = 4;
const NOTEBOOK_VALIDATION: (f64, f64) = (0.9754, 0.107_346);

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
    let (first, seed) = (&tested[0], session.args.seed);
    let by_then = Validation::by_the_notebooks_epoch(tested);
    let findings = Findings::new("8b", TITLE)
        .values(row.to_json())
        .value(
            "validation_by_epoch_4",
            json!({ "accuracy": by_then.accuracy.to_json(), "loss": by_then.loss.to_json() }),
        )
        .rows([row])
        .curves()
        .remark(format!("The test digits of seed {seed}:\n{}\n", first.test.confusion))
        .say(format!("Test accuracy {accuracy}, macro precision {precision}."))
        .say(by_then.sentence())
        .remark(format!("The network is in {}.", shown(seed_folder(&session.folder_of(FIT), seed))))
        .classifier(session.view_of(&first.fitted.network, &first.test));
    session.conclude(findings);
}

/// The lowest validation loss within as many epochs as the notebook took to its own, and the accuracy at that epoch, from each seed.
struct Validation {
    accuracy: Samples,
    loss: Samples,
}

impl Validation {
    fn by_the_notebooks_epoch(tested: &[Tested<Network>]) -> Self {
        let best = |it: &Tested<Network>| {
            let epochs = it.fitted.history.epochs().iter().take(NOTEBOOK_EPOCH);
            let best = epochs.min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss));
            best.map_or((f64::NAN, f64::NAN), |epoch| (epoch.validation_accuracy, epoch.validation_loss))
        };
        Self { accuracy: Samples::of(tested, |it| best(it).0), loss: Samples::of(tested, |it| best(it).1) }
    }

    fn sentence(&self) -> String {
        let (accuracy, loss) = NOTEBOOK_VALIDATION;
        format!(
            "By epoch {NOTEBOOK_EPOCH}, validation accuracy {} and loss {:.4}; on MNIST the notebook's run logged {:.2} % and {loss:.4}, its best, and then diverged.",
            percent(&self.accuracy),
            self.loss.mean(),
            100.0 * accuracy,
        )
    }
}
