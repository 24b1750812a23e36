//! 10d. Reuse DNN A's hidden layers for a classifier of ten digits, trained on split #2.

use std::time::Instant;

use anyhow::bail;
use ch11_core::data::{Dataset, Digits, Fold, PIXELS};
use ch11_core::metrics::evaluate;
use ch11_core::nets::{DeepNet, Frozen, Linear, build};
use ch11_core::text::thousands;
use ch11_core::train::{Fitted, cache};
use ch11_harness::cli::{SeedRun, Session};
use ch11_harness::report::{Curve, Exhibit, ResultRow, RunResult, Section, Table, compare};
use serde_json::json;

use crate::part_a::HiddenHead;
use crate::recipes::{FINE_TUNE, HEAD, QUICK_EPOCHS, SCRATCH};

/// The fit of an output layer on A's frozen hidden layers.
pub const FROZEN_A: &str = "frozen_a";
/// The fit of all layers after that.
pub const FINE_TUNED: &str = "fine_tuned";
/// The fit of a network that has learnt nothing before.
pub const SCRATCH_STAGE: &str = "scratch";

/// What the reference notebook got: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_FROZEN_A: f64 = 0.965;
const NOTEBOOK_SCRATCH: f64 = 0.946;

/// One image in so many of split #2 is kept from training, to validate on: 500 of 5,000.
const IMAGES_PER_VALIDATION_IMAGE: usize = 10;
/// Which ones, in all runs.
const SPLIT_SEED: u64 = 1;

/// The classifier: A's hidden layers, or others like them, under ten logits.
pub type Classifier = DeepNet<10>;

/// The labelled images: split #2, which the pairs have no part in.
#[derive(Debug)]
pub struct FewLabels {
    train: Dataset<PIXELS>,
    validation: Dataset<PIXELS>,
}

impl FewLabels {
    /// Splits the 5,000 images of split #2, so that both parts have all digits alike: 4,500 to train on, 500 to validate on.
    ///
    /// # Errors
    /// If there are too few.
    pub fn of(digits: &Digits) -> anyhow::Result<Self> {
        let images = &digits.validation;
        if images.len() < IMAGES_PER_VALIDATION_IMAGE {
            bail!("split #2 has {} images, and needs {IMAGES_PER_VALIDATION_IMAGE} at least", images.len());
        }
        let Fold { train, held_out } = images.stratified_folds(IMAGES_PER_VALIDATION_IMAGE, SPLIT_SEED).get(0);
        Ok(Self { train, validation: held_out })
    }
}

/// What a fit left, from one seed.
#[derive(Debug, Clone)]
struct Trained {
    result: RunResult,
    curve: Curve,
    network: Classifier,
    /// What the report shows of the first seed's network on frozen layers.
    exhibit: Option<Exhibit>,
}

/// Trains an output layer on the frozen hidden layers, then all layers, then the same network from scratch.
pub fn run(session: &mut Session, pretrained: &[HiddenHead]) -> anyhow::Result<()> {
    let labels = FewLabels::of(&session.digits)?;
    let [train, validation] = [&labels.train, &labels.validation].map(|set| thousands(set.len()));
    session.print(format_args!(
        "\n10d. Ten digits from split #2: {train} images to train on, {validation} to validate on"
    ));
    let frozen = on_frozen_a(session, pretrained, &labels)?;
    let fine_tuned = fine_tune(session, &frozen, &labels)?;
    let scratch = from_scratch(session, &labels)?;

    let rows = [&frozen, &fine_tuned, &scratch].map(|runs| ResultRow::new(runs.iter().map(|run| run.result).collect()));
    let [frozen_row, fine_tuned_row, scratch_row] = &rows;
    let mut table = Table::default();
    table.add("10d", "A's hidden layers frozen", frozen_row);
    table.add_reference("10d", NOTEBOOK_FROZEN_A);
    table.add("10d", "then all fine-tuned", fine_tuned_row);
    table.add("10d", "from scratch", scratch_row);
    table.add_reference("10d", NOTEBOOK_SCRATCH);
    session.print(&table);
    let curves = [&frozen, &fine_tuned, &scratch].map(|runs| runs[0].curve.clone());
    session.save_learning_curves("d", "10d. Ten digits from few labels", &curves)?;

    let exhibit = &frozen[0].exhibit;
    let [frozen_accuracy, fine_tuned, scratch] = rows.each_ref().map(|row| row.samples(|run| run.test_accuracy));
    let images = session.digits.test.len();
    let pretraining =
        compare("Pretraining on pairs, beside the same network from scratch,", &scratch, &frozen_accuracy, images);
    let fine_tuning = compare("To fine-tune all layers", &frozen_accuracy, &fine_tuned, images);
    let mut section = Section::new("10d. A classifier from few labels").table(&table);
    for verdict in [pretraining, fine_tuning] {
        session.print(format_args!("10d. {verdict}"));
        section = section.say(verdict);
    }
    session.report.add(section.curves(&curves).say("With A's hidden layers frozen:").exhibit(exhibit.as_ref()));
    let [frozen, fine_tuned, scratch] = rows.each_ref().map(ResultRow::to_json);
    session.add_part("d", json!({ FROZEN_A: frozen, FINE_TUNED: fine_tuned, SCRATCH_STAGE: scratch }));
    Ok(())
}

/// Drops DNN B and the head, freezes A's hidden layers, and trains a new output layer on what they make of the images, computed once.
fn on_frozen_a(session: &Session, pretrained: &[HiddenHead], labels: &FewLabels) -> anyhow::Result<Vec<Trained>> {
    session.stage(FROZEN_A, HEAD).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let HiddenHead { a, .. } = pretrained[run.index].clone();
        let frozen = Frozen(a);
        let started = Instant::now();
        let (train, validation): (Dataset<100>, Dataset<100>) =
            (cache(&frozen, &labels.train)?, cache(&frozen, &labels.validation)?);
        let caching = started.elapsed();
        let whole = |(output,)| {
            let Frozen((h1, h2, h3, h4, h5)) = frozen.clone();
            (h1, h2, h3, h4, h5, output)
        };
        let output: (Linear<100, 10>,) = (build(run.seed),);
        let fitted = run.fit_above(output, whole, &train, &validation)?;

        let curve = Curve::of("A frozen", &fitted);
        let test = evaluate(&fitted.network, &session.digits.test);
        let exhibit = (run.index == 0).then(|| session.exhibit(&fitted.network, &test));
        let result = run.result(&fitted, &test)?.after(caching);
        Ok(Trained { result, curve, network: fitted.network, exhibit })
    })
}

/// Trains all layers of the networks that the frozen layers are part of.
fn fine_tune(session: &Session, frozen: &[Trained], labels: &FewLabels) -> anyhow::Result<Vec<Trained>> {
    session.stage(FINE_TUNED, FINE_TUNE).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let network = frozen[run.index].network.clone();
        finish(&run, "fine-tuned", run.fit(network, &labels.train, &labels.validation)?, &session.digits.test)
    })
}

/// Trains a network of the same shape that has learnt nothing before.
fn from_scratch(session: &Session, labels: &FewLabels) -> anyhow::Result<Vec<Trained>> {
    session.stage(SCRATCH_STAGE, SCRATCH).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        finish(&run, "from scratch", run.fit(build(run.seed), &labels.train, &labels.validation)?, &session.digits.test)
    })
}

fn finish(
    run: &SeedRun<'_>,
    name: &str,
    fitted: Fitted<Classifier>,
    test: &Dataset<PIXELS>,
) -> anyhow::Result<Trained> {
    let test = evaluate(&fitted.network, test);
    Ok(Trained {
        result: run.result(&fitted, &test)?,
        curve: Curve::of(name, &fitted),
        exhibit: None,
        network: fitted.network,
    })
}
