//! 10d. Freeze DNN A's hidden layers under a new output layer of ten digits, and train that on split #2, 5,000 images: how good is it?
//! And how good could it be, if split #1 said which digits it shows?

use ch11_core::nets::build;
use ch11_core::text::thousands;
use ch11_core::train::Recipe;
use ch11_harness::cli::{Fits, Session};
use ch11_harness::report::{Row, percent};

use crate::labels::Labels;
use crate::pairs::training_images;
use crate::part_a::HiddenHead;
use crate::recipes::{
    ALL_LABELS, ALL_LABELS_DROPOUT, FINE_TUNE, FINE_TUNE_DROPOUT, OUTPUT_LAYER, QUICK_EPOCHS, SCRATCH, SCRATCH_DROPOUT,
};
use crate::splits::Splits;

/// The fit of an output layer on A's frozen hidden layers.
pub const FROZEN_A: &str = "frozen_a";
/// The fit of all layers after that.
pub const FINE_TUNED: &str = "fine_tuned";
/// The fit of a network that has learnt nothing before.
pub const FROM_SCRATCH: &str = "scratch";
/// The fit of the same network on the labels of split #1, stopped by those of split #2.
pub const CEILING: &str = "ceiling";

/// What the reference notebook got: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_FROZEN_A: f64 = 0.965;
const NOTEBOOK_SCRATCH: f64 = 0.946;

/// Trains an output layer on the frozen hidden layers, then all layers, then the same network from scratch, and from all labels.
/// Returns all rows.
pub fn run(session: &mut Session, pretrained: &[HiddenHead]) -> anyhow::Result<Vec<Row>> {
    let splits = Splits::of(&session.digits);
    let labels = Labels::few(splits)?;
    let [train, validation] = labels.sizes();
    let title = format!("Ten digits from split #2: {train} images to train on, {validation} to validate on");
    let findings = session.begin("10d", &title);

    let frozen = fits(session, FROZEN_A, OUTPUT_LAYER)
        .each_seed_from(pretrained, |run, pairs| labels.fit_on_cache(&run, pairs))?;
    let fine_tuned = fits(session, FINE_TUNED, FINE_TUNE)
        .each_seed_from(&frozen, |run, frozen| labels.fit(&run, frozen.fitted.network.clone(), FINE_TUNE_DROPOUT))?;
    let scratch =
        fits(session, FROM_SCRATCH, SCRATCH).each_seed(|run| labels.fit(&run, build(run.seed), SCRATCH_DROPOUT))?;
    let ceiling = fits(session, CEILING, ALL_LABELS)
        .each_seed(|run| Labels::all(splits).fit(&run, build(run.seed), ALL_LABELS_DROPOUT))?;

    let view = session.view_of(&frozen[0].fitted.network, &frozen[0].test);
    let frozen = Row::of("A's hidden layers frozen", &frozen).key(FROZEN_A).notebook(NOTEBOOK_FROZEN_A);
    let fine_tuned = Row::of("all layers fine-tuned", &fine_tuned).key(FINE_TUNED);
    let scratch = Row::of("from scratch", &scratch).key(FROM_SCRATCH).notebook(NOTEBOOK_SCRATCH);
    let ceiling = Row::of("from scratch, all labels", &ceiling).key(CEILING);
    let findings = findings
        .say(format!(
            "The pairs were made with the labels of the {} images of split #1, {} of them for validation pairs. They say which images show \
             the same digit; split #2 only adds the name of each digit.",
            thousands(splits.first.len()),
            thousands(splits.first.len() - training_images(splits)),
        ))
        .say(format!(
            "Trained on all labels of split #1, and stopped by those of split #2, the same network reaches {}.",
            percent(&ceiling.test_accuracy())
        ))
        .compare("Pretraining on pairs", &scratch, &frozen)
        .compare("Fine-tuning all layers after that", &frozen, &fine_tuned)
        .compare("Training on all labels instead of pairs", &frozen, &ceiling)
        .rows([frozen, fine_tuned, scratch, ceiling])
        .curves()
        .classifier_of("With A's hidden layers frozen:", view);
    let rows = findings.all_rows().to_vec();
    session.conclude(findings);
    Ok(rows)
}

fn fits<'a>(session: &'a Session, name: &str, recipe: Recipe) -> Fits<'a> {
    session.fits(name, recipe).quick(QUICK_EPOCHS).brief()
}
