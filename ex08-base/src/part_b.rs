//! 8b. Train it on the digits 0 to 4 with Adam and early stopping, and save it as it goes.

use ch11_core::cli::{Session, TrainingDefaults};
use ch11_core::metrics::evaluate;
use ch11_core::nets::build;
use ch11_core::report::{ResultRow, RunResult, Table, percent};

use crate::part_a::Network;

/// The test accuracy of the reference notebook, ageron/handson-ml's `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9726;

/// Trains the network on the training digits until it stops to improve on the validation digits, takes its best weights, and
/// tests it once.
pub fn run(session: &mut Session) -> anyhow::Result<()> {
    session.print("\n8b. Adam and early stopping");
    let digits = &session.digits;
    let runs = session.stage("b", TrainingDefaults::DEEP_NET).each_seed(|run| {
        let network: Network = build(run.seed);
        let fitted = run.fit(network, &digits.train, &digits.validation)?;
        let test = evaluate(&fitted.network, &digits.test)?;
        Ok((RunResult::new(&fitted, &test), test.confusion))
    })?;
    let (results, confusions): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    let row = ResultRow::new(results);

    let mut table = Table::default();
    table.add("8b", "Adam, early stopping", &row);
    table.add_reference("8b", NOTEBOOK_ACCURACY);
    session.print(&table);

    let seed = session.args.seed;
    session.print(format_args!("\nThe test digits of seed {seed}:\n{}", confusions[0]));
    let accuracy = percent(&row.samples(|run| run.test_accuracy));
    let precision = percent(&row.samples(|run| run.test_precision));
    session.print(format_args!("\n8b. Test accuracy {accuracy}, macro precision {precision}."));
    session.print(format_args!("The network is in {}.", session.run_folder("b", seed).display()));
    session.add_part("b", row.to_json());
    Ok(())
}
