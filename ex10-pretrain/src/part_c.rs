//! 10c. Train on pairs, under the head that the exercise prints and under one that can tell them apart.

use ch11_core::cli::Session;
use ch11_core::nets::build;
use ch11_core::report::{Curve, ResultRow, RunResult, Samples, Table, compare, percent};
use serde_json::json;

use crate::additive::{AdditiveBound, best_additive};
use crate::pairs::{Comparer, PairSets};
use crate::part_a::{HiddenHead, SingleOutput};
use crate::recipes::PAIRS;

/// The fit under one logistic neuron.
pub const SINGLE_OUTPUT: &str = "pairs_single_output";
/// The fit with a hidden layer before it.
pub const HIDDEN: &str = "pairs_hidden";

/// The test accuracy of the reference notebook, which has a hidden layer of 10: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9765;

/// What the fits of one head left, from every seed.
struct Trained<M> {
    row: ResultRow,
    curve: Curve,
    networks: Vec<M>,
}

/// Trains both heads, and returns the networks under the hidden layer, one per seed. Those alone are trained if `both` is not asked
/// for.
pub fn run(session: &mut Session, both: bool) -> anyhow::Result<Vec<HiddenHead>> {
    session.print("\n10c. Training on pairs");
    let sets = PairSets::of(&session.digits)?;
    if !both {
        let Trained { row, networks, .. } = train(session, &sets, (HIDDEN, "hidden layer of 10"), build::<HiddenHead>)?;
        print_table(session, &[("hidden layer of 10", &row)]);
        session.add_part("c", json!({ HIDDEN: row.to_json() }));
        return Ok(networks);
    }
    let (single, hidden) = session.join(
        || train(session, &sets, (SINGLE_OUTPUT, "one logistic neuron"), build::<SingleOutput>),
        || train(session, &sets, (HIDDEN, "hidden layer of 10"), build::<HiddenHead>),
    );
    let (single, hidden) = (single?, hidden?);
    let bound = best_additive(&sets.test.digit_table());
    print_table(session, &[("one logistic neuron", &single.row), ("hidden layer of 10", &hidden.row)]);
    session.save_learning_curves("c", "10c. Training on pairs", &[single.curve, hidden.curve])?;
    print_why(session, &single.row, bound);
    let accuracies = [&single.row, &hidden.row].map(|row| row.samples(|run| run.test_accuracy));
    let what = "10c. A hidden layer between the concatenation and the output";
    session.print(compare(what, &accuracies[0], &accuracies[1], sets.test.pairs.len()));
    let results = json!({
        SINGLE_OUTPUT: single.row.to_json(),
        HIDDEN: hidden.row.to_json(),
        "additive_bound": bound,
    });
    session.add_part("c", results);
    Ok(hidden.networks)
}

/// Trains the network that `network` makes of each seed until it stops to improve on the validation pairs, and tests it once.
fn train<M: Comparer + Send>(
    session: &Session,
    sets: &PairSets<'_>,
    (stage, name): (&str, &str),
    network: impl Fn(u64) -> M + Sync,
) -> anyhow::Result<Trained<M>> {
    let runs = session.stage(stage, PAIRS).each_seed(|run| {
        let fitted = run.fit_task(network(run.seed), &sets.task)?;
        let test = sets.test.evaluate(&fitted.network)?;
        Ok((RunResult::new(&fitted, &test), Curve::of(name, &fitted), fitted.network))
    })?;
    let curve = runs[0].1.clone();
    let (results, networks) = runs.into_iter().map(|(result, _, network)| (result, network)).unzip();
    Ok(Trained { row: ResultRow::new(results), curve, networks })
}

fn print_table(session: &Session, rows: &[(&str, &ResultRow)]) {
    let mut table = Table::default();
    for (what, row) in rows {
        table.add("10c", what, row);
    }
    table.add_reference("10c", NOTEBOOK_ACCURACY);
    session.print(table);
}

/// Explains what the printed head got by the best that any head of its kind could get.
fn print_why(session: &Session, single: &ResultRow, bound: AdditiveBound) {
    let accuracy = percent(&Samples { values: vec![bound.accuracy] });
    session.print(
        "10c. One logistic neuron adds what A makes of the first image to what B makes of the second, and whether both show the same is \
         no such sum.",
    );
    session.print(format_args!(
        "     The best sum there is, one that knows every digit and was fitted to these very test pairs: loss {:.4}, accuracy {accuracy}.",
        bound.loss
    ));
    session.print(format_args!(
        "     The sum that was learnt: loss {:.4}, accuracy {}. To say nothing: loss ln 2 = {:.4}, accuracy 50 %.",
        single.samples(|run| run.test_loss).mean(),
        percent(&single.samples(|run| run.test_accuracy)),
        std::f64::consts::LN_2,
    ));
}
