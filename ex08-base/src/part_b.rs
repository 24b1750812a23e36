//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.

use std::num::NonZeroUsize;

use ch11_core::cli::{Session, TrainingDefaults, rows};
use ch11_core::nets::build;
use ch11_core::report::Table;

use crate::part_a::{CLASSES, Network};

/// The accuracy that the reference notebook (ageron/handson-ml, `11_deep_learning.ipynb`) got.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

/// Chosen on validation loss; see the README.
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
    session.result(format_args!(
        "\nTest digits of seed {}, by class:\n{}",
        runs[0].seed, runs[0].test.confusion
    ));
    session.add_part("b", results.to_json());
    Ok(())
}
