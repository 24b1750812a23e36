//! 10c. Train on pairs, under the head that the exercise prints and under one that can tell them apart.

use ch11_core::metrics::Evaluation;
use ch11_core::nets::build;
use ch11_harness::cli::Session;
use ch11_harness::report::{Curve, ResultRow, Samples, Section, Table, compare, percent};
use serde_json::json;

use crate::additive::{AdditiveBound, best_additive};
use crate::pairs::{Comparer, PairSets};
use crate::part_a::{HiddenHead, SingleOutput};
use crate::recipes::{PAIRS, QUICK_PAIRS_EPOCHS};
use crate::scores;

/// The fit under one logistic neuron.
pub const SINGLE_OUTPUT: &str = "pairs_single_output";
/// The fit with a hidden layer before it.
pub const HIDDEN: &str = "pairs_hidden";

/// The test accuracy of the reference notebook, which has a hidden layer of 10: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9765;

/// What the report says below pairs.
const PAIRS_NOTE: &str = "Test pairs, with how likely each head finds it that the two are different: the first ones, then those that the \
     hidden layer is surest of and wrong about.";

/// What the fits of one head left, from every seed.
struct Trained<M> {
    row: ResultRow,
    /// The first seed's.
    curve: Curve,
    /// The first seed's on the test pairs.
    test: Evaluation,
    networks: Vec<M>,
}

/// Trains both heads, and returns the networks under the hidden layer, one per seed. Those alone are trained if `both` is not asked
/// for.
pub fn run(session: &mut Session, both: bool) -> anyhow::Result<Vec<HiddenHead>> {
    session.print("\n10c. Training on pairs");
    let sets = PairSets::of(&session.digits)?;
    if !both {
        let hidden = train(session, &sets, (HIDDEN, "hidden layer of 10"), build::<HiddenHead>)?;
        let Trained { row, curve, test, networks } = hidden;
        let table = table(&[("hidden layer of 10", &row)]);
        session.print(&table);
        let pairs = scores::of_heads(&sets.test, &[("hidden layer", &test)]);
        session.report.add(section(&table).curves(&[curve]).gallery(PAIRS_NOTE, &pairs));
        session.add_part("c", json!({ HIDDEN: row.to_json() }));
        return Ok(networks);
    }
    let (single, hidden) = session.join(
        || train(session, &sets, (SINGLE_OUTPUT, "one logistic neuron"), build::<SingleOutput>),
        || train(session, &sets, (HIDDEN, "hidden layer of 10"), build::<HiddenHead>),
    );
    let (single, hidden) = (single?, hidden?);
    let bound = best_additive(&sets.test.digit_table());
    let table = table(&[("one logistic neuron", &single.row), ("hidden layer of 10", &hidden.row)]);
    session.print(&table);
    let curves = [single.curve, hidden.curve];
    session.save_learning_curves("c", "10c. Training on pairs", &curves)?;
    print_why(session, &single.row, bound);
    let accuracies = [&single.row, &hidden.row].map(|row| row.samples(|run| run.test_accuracy));
    let what = "A hidden layer between the concatenation and the output";
    let verdict = compare(what, &accuracies[0], &accuracies[1], sets.test.pairs.len());
    session.print(format_args!("10c. {verdict}"));
    let pairs = scores::of_heads(&sets.test, &[("one neuron", &single.test), ("hidden layer", &hidden.test)]);
    let section = section(&table).say(verdict).curves(&curves).gallery(PAIRS_NOTE, &pairs);
    let results = json!({
        SINGLE_OUTPUT: single.row.to_json(),
        HIDDEN: hidden.row.to_json(),
        "additive_bound": bound,
    });
    session.report.add(section);
    session.add_part("c", results);
    Ok(hidden.networks)
}

/// Trains the network that `network` makes of each seed until it stops improving on the validation pairs, and tests it once.
fn train<M: Comparer + Send>(
    session: &Session,
    sets: &PairSets<'_>,
    (stage, name): (&str, &str),
    network: impl Fn(u64) -> M + Sync,
) -> anyhow::Result<Trained<M>> {
    let runs = session.stage(stage, PAIRS).quick(QUICK_PAIRS_EPOCHS).each_seed(|run| {
        let fitted = run.fit_task(network(run.seed), &sets.task)?;
        let test = sets.test.evaluate(&fitted.network)?;
        Ok((run.result(&fitted, &test)?, (Curve::of(name, &fitted), test), fitted.network))
    })?;
    let (curve, test) = runs[0].1.clone();
    let (results, networks) = runs.into_iter().map(|(result, _, network)| (result, network)).unzip();
    Ok(Trained { row: ResultRow::new(results), curve, test, networks })
}

fn table(rows: &[(&str, &ResultRow)]) -> Table {
    let mut table = Table::default();
    for (what, row) in rows {
        table.add("10c", what, row);
    }
    table.add_reference("10c", NOTEBOOK_ACCURACY);
    table
}

fn section(table: &Table) -> Section {
    Section::new("10c. Training on pairs").table(table)
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
