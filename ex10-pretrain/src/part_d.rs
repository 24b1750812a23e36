//! 10d. Freeze DNN A's hidden layers under a new output layer of ten digits, and train that on split #2, 5,000 images: how good is it?

use anyhow::bail;
use ch11_core::data::{Dataset, Fold, PIXELS};
use ch11_core::nets::{DeepNet, Frozen, Linear, build};
use ch11_core::text::thousands;
use ch11_core::train::Recipe;
use ch11_harness::cli::{Fits, SeedRun, Session};
use ch11_harness::report::{Row, Tested};

use crate::part_a::HiddenHead;
use crate::recipes::{FINE_TUNE, OUTPUT_LAYER, QUICK_EPOCHS, SCRATCH};
use crate::splits::Splits;

/// The fit of an output layer on A's frozen hidden layers.
pub const FROZEN_A: &str = "frozen_a";
/// The fit of all layers after that.
pub const FINE_TUNED: &str = "fine_tuned";
/// The fit of a network that has learnt nothing before.
pub const FROM_SCRATCH: &str = "scratch";

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
pub struct FewLabels<'a> {
    train: Dataset<PIXELS>,
    validation: Dataset<PIXELS>,
    test: &'a Dataset<PIXELS>,
}

impl<'a> FewLabels<'a> {
    /// Splits split #2, with equal shares of each digit: 4,500 images to train on, 500 to validate on.
    ///
    /// # Errors
    /// If there are too few.
    pub fn of(splits: Splits<'a>) -> anyhow::Result<Self> {
        let images = splits.second;
        if images.len() < IMAGES_PER_VALIDATION_IMAGE {
            bail!("split #2 has {} images, and needs {IMAGES_PER_VALIDATION_IMAGE} at least", images.len());
        }
        let Fold { train, held_out } = images.stratified_folds(IMAGES_PER_VALIDATION_IMAGE, SPLIT_SEED).get(0);
        Ok(Self { train, validation: held_out, test: splits.test })
    }
}

/// Trains an output layer on the frozen hidden layers, then all layers, then the same network from scratch.
pub fn run(session: &mut Session, pretrained: &[HiddenHead]) -> anyhow::Result<()> {
    let labels = FewLabels::of(Splits::of(&session.digits))?;
    let [train, validation] = [&labels.train, &labels.validation].map(|set| thousands(set.len()));
    let title = format!("Ten digits from split #2: {train} images to train on, {validation} to validate on");
    let findings = session.begin("10d", &title);

    let frozen =
        fits(session, FROZEN_A, OUTPUT_LAYER).each_seed_from(pretrained, |run, pairs| labels.fit_on(&run, pairs))?;
    let fine_tuned = fits(session, FINE_TUNED, FINE_TUNE)
        .each_seed_from(&frozen, |run, frozen| labels.fit(&run, frozen.fitted.network.clone()))?;
    let scratch = fits(session, FROM_SCRATCH, SCRATCH).each_seed(|run| labels.fit(&run, build(run.seed)))?;

    let view = session.view_of(&frozen[0].fitted.network, &frozen[0].test);
    let frozen = Row::of("A's hidden layers frozen", &frozen).key(FROZEN_A).notebook(NOTEBOOK_FROZEN_A);
    let fine_tuned = Row::of("then all fine-tuned", &fine_tuned).key(FINE_TUNED);
    let scratch = Row::of("from scratch", &scratch).key(FROM_SCRATCH).notebook(NOTEBOOK_SCRATCH);
    let findings = findings
        .compare("Pretraining on pairs, beside the same network from scratch,", &scratch, &frozen)
        .compare("To fine-tune all layers", &frozen, &fine_tuned)
        .rows([frozen, fine_tuned, scratch])
        .curves()
        .classifier_of("With A's hidden layers frozen:", view);
    session.conclude(findings);
    Ok(())
}

fn fits<'a>(session: &'a Session, name: &str, recipe: Recipe) -> Fits<'a> {
    session.fits(name, recipe).quick(QUICK_EPOCHS).brief()
}

impl FewLabels<'_> {
    /// Drops DNN B and the head, freezes A's hidden layers, and trains a new output layer on what they make of the images, computed once.
    fn fit_on(&self, run: &SeedRun<'_>, pretrained: &HiddenHead) -> anyhow::Result<Tested<Classifier>> {
        let frozen = Frozen(pretrained.a.clone());
        let output: (Linear<100, 10>,) = (build(run.seed),);
        let whole = |(output,)| {
            let Frozen((h1, h2, h3, h4, h5)) = frozen.clone();
            (h1, h2, h3, h4, h5, output)
        };
        run.fit_on_cache(&frozen, (output, whole), &self.train, &self.validation, self.test)
    }

    /// Trains all layers of a network.
    fn fit(&self, run: &SeedRun<'_>, network: Classifier) -> anyhow::Result<Tested<Classifier>> {
        run.fit_and_test(network, &self.train, &self.validation, self.test)
    }
}
