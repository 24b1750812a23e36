//! 9h. Transfer meets data augmentation: what are 100 images of a digit worth, if a network never sees one of them twice? And what
//! is left to cache, if images change whenever they are drawn? The book does not ask for it.

use ch11_core::data::{Augmentation, PIXELS};
use ch11_core::nets::{Classifier, build};
use ch11_core::text::thousands;
use ch11_harness::cli::{Copies, SeedRun, Session, tried_by};
use ch11_harness::report::{Findings, Row, SpeedUps, Tested};

use crate::few_images::{Drawn, FewImages};
use crate::part_a::{OnFiveFrozen, on_five_frozen};
use crate::part_c::{on_cache, whole};
use crate::part_d::FourLayers;
use crate::pretrained::Pretrained;
use crate::recipes::{OUTPUT_LAYER_AUGMENTED, SCRATCH_AUGMENTED, TO_TRANSFER_AUGMENTED, UNFROZEN_AUGMENTED, fits};
use crate::results::row_of;
use crate::{part_b, part_e, part_f};

/// The fit that pretrains, and those on its network: an output layer on five frozen layers, the same on cached copies, and all layers.
const PRETRAINING_FIT: &str = "augmented/to-transfer";
const FROZEN_FIT: &str = "augmented/frozen5";
const COPIES_FIT: &str = "augmented/cached_copies";
/// The name of the fit with all unfrozen.
pub const UNFROZEN_FIT: &str = "augmented/unfrozen_all";
/// The same on exercise 8's networks.
const FROZEN_OF_8B_FIT: &str = "augmented/frozen5_8b";
const UNFROZEN_OF_8B_FIT: &str = "augmented/unfrozen_all_8b";
const FROZEN_OF_8F_FIT: &str = "augmented/frozen5_8f";
const UNFROZEN_OF_8F_FIT: &str = "augmented/unfrozen_all_8f";
const SCRATCH_FIT: &str = "augmented/scratch";

/// The names of all fits.
pub const FITS: [&str; 9] = [
    PRETRAINING_FIT,
    FROZEN_FIT,
    COPIES_FIT,
    UNFROZEN_FIT,
    FROZEN_OF_8B_FIT,
    UNFROZEN_OF_8B_FIT,
    FROZEN_OF_8F_FIT,
    UNFROZEN_OF_8F_FIT,
    SCRATCH_FIT,
];

/// How many copies of each image are cached.
const COPIES: usize = 50;

/// Trains on images that are distorted anew whenever they are drawn. Exercise 8's networks of each seed are those of part b, which saw
/// digits as they are, and of part f, which saw distorted ones, if they are at hand.
pub fn run(
    session: &Session,
    (of_8b, of_8f): (&[Pretrained], Option<&[Pretrained]>),
    augmentation: Augmentation,
    earlier: &[Findings],
    images: FewImages,
) -> anyhow::Result<Findings> {
    let few = Few { session, images, augmentation };
    let to_transfer = part_f::pretrain(session, PRETRAINING_FIT, TO_TRANSFER_AUGMENTED, Augmentation::ELASTIC)?;
    let frozen_of_8b = few.train_output(FROZEN_OF_8B_FIT, of_8b)?;
    let frozen_of_8f = of_8f.map(|networks| few.train_output(FROZEN_OF_8F_FIT, networks)).transpose()?;
    let frozen = few.train_output(FROZEN_FIT, &to_transfer)?;
    let copies = few.train_output_on_copies(&to_transfer)?;
    let unfrozen_of_8b = few.train_all(UNFROZEN_OF_8B_FIT, of_8b)?;
    let unfrozen_of_8f = of_8f.map(|networks| few.train_all(UNFROZEN_OF_8F_FIT, networks)).transpose()?;
    let unfrozen = few.train_all(UNFROZEN_FIT, &to_transfer)?;
    let scratch = few.train_from_scratch()?;

    let speed_ups = SpeedUps::of(&frozen, &copies);
    let view = session.view_of(&unfrozen[0].fitted.network, &unfrozen[0].test);
    let frozen_of_8b = Row::of("five frozen, of 8b", &frozen_of_8b).key("frozen5_8b");
    let frozen_of_8f = frozen_of_8f.map(|tested| Row::of("five frozen, of 8f", &tested).key("frozen5_8f"));
    let frozen = Row::of("five frozen", &frozen).key("frozen5");
    let copies = Row::of("five frozen, cached copies", &copies).key("cached_copies");
    let unfrozen_of_8b = Row::of("all unfrozen, of 8b", &unfrozen_of_8b).key("unfrozen_all_8b");
    let unfrozen_of_8f = unfrozen_of_8f.map(|tested| Row::of("all unfrozen, of 8f", &tested).key("unfrozen_all_8f"));
    let unfrozen = Row::of("all unfrozen", &unfrozen).key("unfrozen_all");
    let scratch = Row::of("from scratch", &scratch).key("scratch");
    let earlier = |part, key| row_of(earlier, part, key);
    let count = images.draw(&session.digits, session.args.seed).train.len();
    let [what, there] = tried_by(augmentation);
    let findings = Findings::new("9h", "All unfrozen, on the test digits")
        .say(format!("How images are distorted: {augmentation}."))
        .say(format!("{COPIES} copies of each of {} images are cached. {}", thousands(count), speed_ups.sentence()))
        .value("augmentation", augmentation.to_string())
        .value("speedup", speed_ups.to_json())
        .compare(&format!("{what}, under five frozen layers,"), earlier("9b", part_b::FIT), &frozen_of_8b)
        .compare(&format!("{what}, with all unfrozen,"), earlier("9e", part_e::UNFROZEN_ALL_FIT), &unfrozen_of_8b)
        .compare(&format!("{what}, from scratch,"), earlier("9e", part_e::SCRATCH_FIT), &scratch)
        .compare("Freezing the layers of 8f instead of those of 8b", &frozen_of_8b, frozen_of_8f.as_ref())
        .compare("Freezing layers pretrained to transfer instead of those of 8f", frozen_of_8f.as_ref(), &frozen)
        .compare("Drawing cached copies instead of new ones", &frozen, &copies)
        .compare(&format!("Transfer, {there},"), &scratch, &unfrozen)
        .classifier(view);
    let rows = [Some(frozen_of_8b), frozen_of_8f, Some(frozen), Some(copies)];
    let more = [Some(unfrozen_of_8b), unfrozen_of_8f, Some(unfrozen), Some(scratch)];
    Ok(findings.rows(rows.into_iter().chain(more).flatten()))
}

/// Few images, which are distorted anew whenever they are drawn.
struct Few<'a> {
    session: &'a Session,
    images: FewImages,
    augmentation: Augmentation,
}

impl Few<'_> {
    /// Trains a new output layer on five frozen layers, through which each image goes whenever it is drawn.
    fn train_output(&self, fit: &str, networks: &[Pretrained]) -> anyhow::Result<Vec<Tested<OnFiveFrozen>>> {
        fits(self.session, fit, OUTPUT_LAYER_AUGMENTED, self.images)
            .each_seed_from(networks, |run, network| self.fit(&run, on_five_frozen(network, run.seed)))
    }

    /// Trains the same output layer on what five frozen layers make of [`COPIES`] copies of each image.
    fn train_output_on_copies(&self, networks: &[Pretrained]) -> anyhow::Result<Vec<Tested<Pretrained>>> {
        let Self { session, images, augmentation } = *self;
        fits(session, COPIES_FIT, OUTPUT_LAYER_AUGMENTED, images).each_seed_from(networks, |run, network| {
            let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
            let (frozen, output) = on_cache(network, run.seed);
            let copies = Copies { augmentation, count: COPIES };
            run.fit_on_cached_copies(&frozen, (output, |it| whole(&frozen, it)), copies, &train, &validation, test)
        })
    }

    /// Trains all of four hidden layers, and a new output layer on them.
    fn train_all(&self, fit: &str, networks: &[Pretrained]) -> anyhow::Result<Vec<Tested<FourLayers>>> {
        fits(self.session, fit, UNFROZEN_AUGMENTED, self.images).each_seed_from(networks, |run, network| {
            let (h1, h2, h3, h4, _h5, _output) = network.clone();
            self.fit(&run, (h1, h2, h3, h4, build(run.seed)))
        })
    }

    /// Trains a network of the same shape that has learnt nothing before.
    fn train_from_scratch(&self) -> anyhow::Result<Vec<Tested<FourLayers>>> {
        fits(self.session, SCRATCH_FIT, SCRATCH_AUGMENTED, self.images)
            .each_seed(|run| self.fit(&run, build::<FourLayers>(run.seed)))
    }

    fn fit<M: Classifier<PIXELS, 5>>(&self, run: &SeedRun<'_>, network: M) -> anyhow::Result<Tested<M>> {
        let Drawn { train, validation, test } = self.images.draw(&self.session.digits, run.seed);
        let task = run.classification(&train, &validation).augmented(self.augmentation);
        run.fit_classifier_and_test(network, &task, test)
    }
}
