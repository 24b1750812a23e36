//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.

use std::num::NonZeroUsize;

use ch11_core::cli::{Session, TrainingDefaults, rows};
use ch11_core::nets::build;
use ch11_core::report::{Table, percent};

use crate::part_a::{CLASSES, Network};

/// The test accuracy of the reference notebook, ageron/handson-ml's `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

/// Batch size and averaging were chosen on validation loss; the README has the figures.
const DEFAULTS: TrainingDefaults = TrainingDefaults {
    learning_rate: 0.001,
    batch_size: NonZeroUsize::new(50).unwrap(),
    averaging: Some(0.9995),
    epochs: NonZeroUsize::new(1000).unwrap(),
    quick_epochs: NonZeroUsize::new(5).unwrap(),
    patience: NonZeroUsize::new(20).unwrap(),
};

/// Trains the network, restores its best weights, and tests it once.
pub fn run(session: &mut Session) -> anyhow::Result<()> {
    session.result("\n8b. Adam and early stopping");
    let runs = session.train_each_seed::<Network, CLASSES>("b", DEFAULTS, build)?;
    let results = rows(&runs);

    let mut table = Table::default();
    table.add("8b", "Adam, early stopping", &results);
    table.add_reference("8b", NOTEBOOK_ACCURACY);
    session.result(&table);

    let first = &runs[0];
    session.result(format_args!(
        "\nConfusion matrix of seed {} on the test digits:",
        first.seed
    ));
    session.result(&first.test.confusion);
    let (accuracy, precision) = (
        percent(&results.figure(|row| row.test_accuracy)),
        percent(&results.figure(|row| row.test_precision)),
    );
    session.result(format_args!(
        "\n8b: accuracy {accuracy}, macro precision {precision}; weights in {}",
        first.folder.finished().display()
    ));
    session.add_part("b", results.to_json());
    Ok(())
}
