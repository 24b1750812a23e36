//! 9h. Transfer meets data augmentation: what are 100 images of a digit worth, if a network never sees one of them twice? And what
//! is left to cache, if images change whenever they are drawn? The book does not ask for it.

use ch11_core::data::{Augmentation, PIXELS};
use ch11_core::nets::{Classifier, build};
use ch11_core::text::thousands;
use ch11_harness::cli::{Copies, SeedRun, Session};
use ch11_harness::report::{Findings, Row, SpeedUps, Tested};

use crate::few_images::{Drawn, FewImages};
use crate::part_a::on_five_frozen;
use crate::part_c::{on_cache, whole};
use crate::part_d::FourLayers;
use crate::pretrained::Pretrained;
use crate::recipes::{OUTPUT_LAYER_AUGMENTED, SCRATCH_AUGMENTED, UNFROZEN_AUGMENTED, fits};
use crate::results::row_of;
use crate::{part_b, part_e};

/// An output layer on five frozen layers, of exercise 8's network that saw distorted digits, and of the one that saw them as they are.
const FROZEN_FIT: &str = "augmented/frozen5";
const FROZEN_OF_PLAIN_FIT: &str = "augmented/frozen5_plain";
/// The first of these on cached copies.
const COPIES_FIT: &str = "augmented/cached_copies";
/// All layers, from those of both networks, and from scratch.
pub const UNFROZEN_FIT: &str = "augmented/unfrozen_all";
const UNFROZEN_OF_PLAIN_FIT: &str = "augmented/unfrozen_all_plain";
const SCRATCH_FIT: &str = "augmented/scratch";

/// The names of all fits.
pub const FITS: [&str; 6] =
    [FROZEN_FIT, FROZEN_OF_PLAIN_FIT, COPIES_FIT, UNFROZEN_FIT, UNFROZEN_OF_PLAIN_FIT, SCRATCH_FIT];

/// How many copies of each image are cached.
const COPIES: usize = 50;

/// Exercise 8's networks of each seed.
#[derive(Debug, Clone, Copy)]
pub struct Networks<'a> {
    /// Those that saw digits as they are.
    pub plain: &'a [Pretrained],
    /// Those that saw distorted ones.
    pub augmented: &'a [Pretrained],
}

/// Trains on images that are distorted anew whenever they are drawn.
pub fn run(
    session: &Session,
    networks: Networks<'_>,
    augmentation: Augmentation,
    earlier: &[Findings],
    images: FewImages,
) -> anyhow::Result<Findings> {
    let Networks { plain, augmented } = networks;
    let few = Few { session, images, augmentation };
    let fits = |fit, recipe| fits(session, fit, recipe, images);
    let on_frozen = |fit, networks| {
        fits(fit, OUTPUT_LAYER_AUGMENTED)
            .each_seed_from(networks, |run, network| few.fit(&run, on_five_frozen(network, run.seed)))
    };
    let unfrozen = |fit, networks| {
        fits(fit, UNFROZEN_AUGMENTED)
            .each_seed_from(networks, |run, network| few.fit(&run, on_four_layers(network, run.seed)))
    };
    let frozen_of_plain = on_frozen(FROZEN_OF_PLAIN_FIT, plain)?;
    let frozen = on_frozen(FROZEN_FIT, augmented)?;
    let copies = fits(COPIES_FIT, OUTPUT_LAYER_AUGMENTED)
        .each_seed_from(augmented, |run, network| few.fit_on_copies(&run, network))?;
    let unfrozen_of_plain = unfrozen(UNFROZEN_OF_PLAIN_FIT, plain)?;
    let unfrozen = unfrozen(UNFROZEN_FIT, augmented)?;
    let scratch = fits(SCRATCH_FIT, SCRATCH_AUGMENTED).each_seed(|run| few.fit(&run, build::<FourLayers>(run.seed)))?;

    let speed_ups = SpeedUps::of(&frozen, &copies);
    let first = &unfrozen[0];
    let view = session.view_of(&first.fitted.network, &first.test);
    let frozen_of_plain = Row::of("five frozen", &frozen_of_plain).key("frozen5_plain");
    let frozen = Row::of("five frozen, of 8f", &frozen).key("frozen5");
    let copies = Row::of("five frozen, of 8f, cached copies", &copies).key("cached_copies");
    let unfrozen_of_plain = Row::of("all unfrozen", &unfrozen_of_plain).key("unfrozen_all_plain");
    let unfrozen = Row::of("all unfrozen, of 8f", &unfrozen).key("unfrozen_all");
    let scratch = Row::of("from scratch", &scratch).key("scratch");
    Ok(Findings::new("9h", "All unfrozen, of 8f, on the test digits")
        .compare(
            "Distorting the images, under five frozen layers,",
            row_of(earlier, "9b", part_b::FIT),
            &frozen_of_plain,
        )
        .compare(
            "Distorting the images, with all layers unfrozen,",
            row_of(earlier, "9e", part_e::UNFROZEN_ALL_FIT),
            &unfrozen_of_plain,
        )
        .compare("Distorting the images, from scratch,", row_of(earlier, "9e", part_e::SCRATCH_FIT), &scratch)
        .compare("Frozen layers that learnt from distorted digits", &frozen_of_plain, &frozen)
        .compare(&format!("Drawing one of {COPIES} cached copies in place of a new one"), &frozen, &copies)
        .compare("Transfer, where images are distorted,", &scratch, &unfrozen)
        .say(format!(
            "{COPIES} copies of each of {} images are cached. {}",
            thousands(images.draw(&session.digits, session.args.seed).train.len()),
            speed_ups.sentence()
        ))
        .value("speedup", speed_ups.to_json())
        .classifier(view)
        .rows([frozen_of_plain, frozen, copies, unfrozen_of_plain, unfrozen, scratch]))
}

/// Few images, which are distorted anew whenever they are drawn.
struct Few<'a> {
    session: &'a Session,
    images: FewImages,
    augmentation: Augmentation,
}

impl Few<'_> {
    /// Trains and tests a network.
    fn fit<M: Classifier<PIXELS, 5>>(&self, run: &SeedRun<'_>, network: M) -> anyhow::Result<Tested<M>> {
        let Drawn { train, validation, test } = self.images.draw(&self.session.digits, run.seed);
        let task = run.classification(&train, &validation).augmented(self.augmentation);
        run.fit_task_and_test(network, &task, test)
    }

    /// Trains and tests a new output layer on what five frozen layers make of [`COPIES`] copies of each image.
    fn fit_on_copies(&self, run: &SeedRun<'_>, network: &Pretrained) -> anyhow::Result<Tested<Pretrained>> {
        let Drawn { train, validation, test } = self.images.draw(&self.session.digits, run.seed);
        let (frozen, output) = on_cache(network, run.seed);
        let copies = Copies { augmentation: self.augmentation, count: COPIES };
        run.fit_on_cached_copies(&frozen, (output, |output| whole(&frozen, output)), copies, &train, &validation, test)
    }
}

/// Takes the network apart, and puts a new output layer on its first four layers, of which none is frozen.
fn on_four_layers(network: &Pretrained, seed: u64) -> FourLayers {
    let (h1, h2, h3, h4, _h5, _output) = network.clone();
    (h1, h2, h3, h4, build(seed))
}
