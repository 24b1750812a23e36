//! 10c. Train on pairs: can the network tell whether two images show the same digit? Under the head that the exercise prints, under one
//! with a hidden layer, and with one neuron that reads a distance.

use ch11_core::nets::{Comparer, build};
use ch11_harness::cli::{Fits, Session};
use ch11_harness::report::{Findings, Row, Samples, Tested, pairs_by_heads, percent};
use serde_json::json;

use crate::additive::best_additive;
use crate::pairs::PairSets;
use crate::part_a::{DistanceHead, HiddenHead, SingleOutput};
use crate::recipes::{PAIRS, QUICK_PAIRS_EPOCHS};
use crate::splits::Splits;

/// The fit under one logistic neuron.
pub const SINGLE_OUTPUT: &str = "pairs_single_output";
/// The fit with a hidden layer before it.
pub const HIDDEN: &str = "pairs_hidden";

/// The fit under one logistic neuron that reads how far apart the outputs of one tower are.
pub const DISTANCE: &str = "pairs_distance";

/// The test accuracy of the reference notebook, which has a hidden layer of 10: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.9765;

/// What the report says below pairs.
const PAIRS_NOTE: &str = "Test pairs, and the probability that each head gives to the two digits being different: the first pairs, then those on which the hidden layer is wrong and most certain.";

/// Trains under all heads, or, unless `all` are asked for, under the hidden layer alone; returns the networks under the latter, one per
/// seed, and all rows.
pub fn run(session: &mut Session, all: bool) -> anyhow::Result<(Vec<HiddenHead>, Vec<Row>)> {
    let mut findings = session.begin("10c", "Training on pairs");
    let sets = PairSets::of(Splits::of(&session.digits))?;
    let fits = |fit| session.fits(fit, PAIRS).quick(QUICK_PAIRS_EPOCHS);
    let train_hidden = || train(&fits(HIDDEN), &sets, build::<HiddenHead>);
    let train_others = || {
        let single = train(&fits(SINGLE_OUTPUT), &sets, build::<SingleOutput>)?;
        Ok(Some((single, train(&fits(DISTANCE), &sets, build::<DistanceHead>)?)))
    };
    let (others, hidden): (anyhow::Result<_>, _) =
        if all { session.join(train_others, train_hidden) } else { (Ok(None), train_hidden()) };
    let (others, hidden) = (others?, hidden?);

    let row = Row::of("hidden layer of 10", &hidden).key(HIDDEN).notebook(NOTEBOOK_ACCURACY);
    let mut heads = vec![("hidden layer", &hidden[0].test)];
    if let Some((single, distance)) = &others {
        heads.insert(0, ("one neuron", &single[0].test));
        findings = beside_one_neuron(findings, single, &row, &sets);
        findings = by_distance(findings, distance, row);
    } else {
        findings = findings.rows([row]);
    }
    let findings = findings.curves().gallery(PAIRS_NOTE, pairs_by_heads(&sets.test, &heads));
    let rows = findings.all_rows().to_vec();
    session.conclude(findings);
    Ok((hidden.into_iter().map(|it| it.fitted.network).collect(), rows))
}

/// Trains the network that `network` makes of each seed until it stops improving on the validation pairs, and tests it once.
pub fn train<M: Comparer>(
    fits: &Fits<'_>,
    sets: &PairSets<'_>,
    network: impl Fn(u64) -> M + Sync,
) -> anyhow::Result<Vec<Tested<M>>> {
    fits.each_seed(|run| {
        let fitted = run.fit_task(network(run.seed), &sets.task)?;
        let test = sets.test.evaluate(&fitted.network)?;
        run.tested(fitted, test)
    })
}

/// Adds the results of the printed head, and explains them by the best that any head of its kind could get.
fn beside_one_neuron(
    findings: Findings,
    single: &[Tested<SingleOutput>],
    hidden: &Row,
    sets: &PairSets<'_>,
) -> Findings {
    let bound = best_additive(&sets.test.digit_table());
    let single = Row::of("one logistic neuron", single).key(SINGLE_OUTPUT);
    let what = "A hidden layer between the concatenation and the output";
    findings
        .say(
            "One logistic neuron adds a number for the first image to a number for the second, and whether both show the same digit is no such sum.",
        )
        .say(format!(
            "The best such sum, which knows every digit and was fitted to these very test pairs, has a loss of {:.4} and is right for {}. A sum could be right for 75 % of balanced pairs, at a higher loss.",
            bound.loss,
            percent(&Samples { values: vec![bound.accuracy] }),
        ))
        .say(format!(
            "The sum that was learnt has a loss of {:.4} and an accuracy of {}. An even guess has a loss of ln 2 = {:.4} and an accuracy of 50 %.",
            single.samples(|run| run.test_loss).mean(),
            percent(&single.test_accuracy()),
            std::f64::consts::LN_2,
        ))
        .compare(what, &single, hidden)
        .rows([single])
        .value("additive_bound", json!(bound))
}

/// Adds the results of one neuron that reads what is no sum: if that was all that the printed head lacks, it needs no hidden layer.
fn by_distance(findings: Findings, distance: &[Tested<DistanceHead>], hidden: Row) -> Findings {
    let distance = Row::of("one neuron on |a - b|", distance).key(DISTANCE);
    findings
        .say(format!(
            "The distance |a - b| between one network's outputs for the two images is no such sum, either: one logistic neuron that reads it reaches {} without a hidden layer.",
            percent(&distance.test_accuracy()),
        ))
        .compare("One neuron on the distance between one network's outputs, instead of the hidden layer,", &hidden, &distance)
        .rows([hidden, distance])
}
