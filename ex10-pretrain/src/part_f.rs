//! 10f. All of it again with data augmentation, each image distorted anew whenever it is drawn: for a pair, for the few labels, and for
//! all of them. What is left of the gain from pairs? The exercise does not ask for it.

use ch11_core::data::Augmentation;
use ch11_core::nets::build;
use ch11_core::train::Recipe;
use ch11_harness::cli::{Fits, Session, tried_by};
use ch11_harness::report::Row;

use crate::labels::Labels;
use crate::pairs::PairSets;
use crate::part_a::HiddenHead;
use crate::recipes::{
    ALL_LABELS_AUGMENTED, OUTPUT_LAYER_AUGMENTED, PAIRS_AUGMENTED, QUICK_EPOCHS, QUICK_PAIRS_EPOCHS, SCRATCH_AUGMENTED,
};
use crate::splits::Splits;
use crate::{part_c, part_d};

/// The fit on pairs.
const PAIRS: &str = "augmented/pairs_hidden";
/// The fit of an output layer on A's frozen hidden layers.
pub const FROZEN_A: &str = "augmented/frozen_a";
/// The fit of a network that has learnt nothing before.
const FROM_SCRATCH: &str = "augmented/scratch";
/// The fit of the same network on the labels of split #1, stopped by those of split #2.
pub const CEILING: &str = "augmented/ceiling";

/// The names of all fits.
pub const FITS: [&str; 4] = [PAIRS, FROZEN_A, FROM_SCRATCH, CEILING];

/// Trains on pairs, then on few labels and on all. The rows of parts c and d that ran are in `earlier`.
pub fn run(session: &mut Session, augmentation: Augmentation, earlier: &[Row]) -> anyhow::Result<()> {
    let splits = Splits::of(&session.digits);
    let findings = session.begin("10f", &format!("Data augmentation: {augmentation}"));
    let sets = PairSets::of(splits)?.augmented(augmentation);
    let few = Labels::few(splits)?.augmented(augmentation);
    let all = Labels::all(splits).augmented(augmentation);

    let pairs =
        part_c::train(&session.fits(PAIRS, PAIRS_AUGMENTED).quick(QUICK_PAIRS_EPOCHS), &sets, build::<HiddenHead>)?;
    let frozen = fits(session, FROZEN_A, OUTPUT_LAYER_AUGMENTED)
        .each_seed_from(&pairs, |run, pairs| few.fit_on_frozen(&run, &pairs.fitted.network))?;
    let scratch =
        fits(session, FROM_SCRATCH, SCRATCH_AUGMENTED).each_seed(|run| few.fit(&run, build(run.seed), 0.0))?;
    let ceiling = fits(session, CEILING, ALL_LABELS_AUGMENTED).each_seed(|run| all.fit(&run, build(run.seed), 0.0))?;

    let first = &ceiling[0];
    let view = session.view_of(&first.fitted.network, &first.test);
    let pairs = Row::of("hidden layer of 10", &pairs).key(part_c::HIDDEN);
    let frozen = Row::of("A's hidden layers frozen", &frozen).key(part_d::FROZEN_A);
    let scratch = Row::of("from scratch", &scratch).key(part_d::FROM_SCRATCH);
    let ceiling = Row::of("from scratch, all labels", &ceiling).key(part_d::CEILING);
    let [what, there] = tried_by(augmentation);
    let rows = [
        ("for pairs", &pairs),
        ("for pairs and under A's hidden layers", &frozen),
        ("from scratch", &scratch),
        ("with all labels", &ceiling),
    ];
    let findings = rows.into_iter().fold(findings, |findings, (place, row)| {
        let before = earlier.iter().find(|it| it.key == row.key);
        findings.compare(&format!("{what}, {place},"), before, row)
    });
    session.conclude(
        findings
            .value("augmentation", augmentation.to_string())
            .compare(&format!("Pretraining on pairs, {there},"), &scratch, &frozen)
            .compare(&format!("Training on all labels instead of pairs, {there},"), &frozen, &ceiling)
            .rows([pairs, frozen, scratch, ceiling])
            .curves()
            .classifier_of("From all labels:", view),
    );
    Ok(())
}

fn fits<'a>(session: &'a Session, name: &str, recipe: Recipe) -> Fits<'a> {
    session.fits(name, recipe).quick(QUICK_EPOCHS).brief()
}
