//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.

use ch11_core::nets::build;
use ch11_core::shown;
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Section, Table, percent};

use crate::part_a::Network;
use crate::training::{Trained, row, train};

/// The test accuracy of the reference notebook, ageron/handson-ml's `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

/// Trains the network; parts d and e compare theirs with it.
pub fn train_network(session: &Session) -> anyhow::Result<Vec<Trained>> {
    let stage = session.stage("b", Recipe::DEEP_NET);
    train(session, &stage, "plain", build::<Network>)
}

/// Shows how it did.
pub fn run(session: &mut Session, trained: &[Trained]) {
    let row = row(trained);
    let mut table = Table::default();
    table.add("8b", "Adam, early stopping", &row);
    table.add_reference("8b", NOTEBOOK_ACCURACY);
    session.print(&table);

    let seed = session.args.seed;
    session.print(format_args!("\nThe test digits of seed {seed}:\n{}", trained[0].confusion));
    let accuracy = percent(&row.samples(|run| run.test_accuracy));
    let precision = percent(&row.samples(|run| run.test_precision));
    session.print(format_args!("\n8b. Test accuracy {accuracy}, macro precision {precision}."));
    session.print(format_args!("The network is in {}.", shown(session.run_folder("b", seed))));
    session.report.add(
        Section::new("8b. Adam and early stopping")
            .table(&table)
            .curves(&[trained[0].curve.clone()])
            .exhibit(trained[0].exhibit.as_ref()),
    );
    session.add_part("b", row.to_json());
}
