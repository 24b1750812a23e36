//! 9e. Unfreeze the top two hidden layers and go on, then unfreeze all: does it do still better, and better than from scratch?
//! And better than the pixels alone allow?

use ch11_core::nets::{Frozen, build};
use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Tested};

use crate::few_images::{Drawn, FewImages};
use crate::part_d::{self, FourLayers};
use crate::recipes::{SCRATCH, UNFROZEN, fits};
use crate::results::row_of;
use crate::{part_b, raw_pixels};

/// The name of the fit with the top two hidden layers unfrozen.
pub const UNFROZEN_TWO_FIT: &str = "unfrozen2";
/// The name of the fit with all unfrozen.
pub const UNFROZEN_ALL_FIT: &str = "unfrozen_all";
/// The name of the fit from scratch.
pub const SCRATCH_FIT: &str = "scratch";

/// What part g asks about, too, from other numbers of images.
pub const TRANSFER: &str = "Transfer";
/// What those count.
pub const IMAGES_PER_DIGIT: &str = "images per digit";

/// The names of all fits, and of that which they begin from.
pub const FITS: [&str; 5] =
    [part_d::FIT, UNFROZEN_TWO_FIT, UNFROZEN_ALL_FIT, SCRATCH_FIT, raw_pixels::SOFTMAX_REGRESSION];

const NOTEBOOK_ACCURACY_TWO: f64 = 0.781;
const NOTEBOOK_ACCURACY_ALL: f64 = 0.913;
const NOTEBOOK_ACCURACY_SCRATCH: f64 = 0.848;

/// Trains the networks of part d further.
pub fn run(
    session: &Session,
    four: &[Tested<FourLayers>],
    earlier: &[Findings],
    images: FewImages,
) -> anyhow::Result<Findings> {
    let two = unfreeze_two(session, UNFROZEN_TWO_FIT, four, images)?;
    let all = unfreeze_all(session, UNFROZEN_ALL_FIT, &two, images)?;
    let scratch = from_scratch(session, SCRATCH_FIT, images)?;
    let [softmax, nearest] = raw_pixels::rows(session, raw_pixels::SOFTMAX_REGRESSION, images)?;

    let first = &all[0];
    let two = Row::of("top two unfrozen", &two).key(UNFROZEN_TWO_FIT).notebook(NOTEBOOK_ACCURACY_TWO);
    let all = Row::of("all unfrozen", &all).key(UNFROZEN_ALL_FIT).notebook(NOTEBOOK_ACCURACY_ALL);
    let scratch = Row::of("from scratch", &scratch).key(SCRATCH_FIT).notebook(NOTEBOOK_ACCURACY_SCRATCH);
    Ok(Findings::new("9e", "All unfrozen, on the test digits")
        .say(what_caching_saves())
        .compare("Unfreezing the top two", row_of(earlier, "9d", part_d::FIT), &two)
        .compare("Unfreezing all", &two, &all)
        .compare_from(TRANSFER, (images.count(), IMAGES_PER_DIGIT), &scratch, &all)
        .compare("Transfer by five frozen layers alone", &scratch, row_of(earlier, "9b", part_b::FIT))
        .compare("Transfer by four frozen layers alone", &scratch, row_of(earlier, "9d", part_d::FIT))
        .compare(
            "Reusing four frozen layers, compared with a regression on the pixels,",
            &softmax,
            row_of(earlier, "9d", part_d::FIT),
        )
        .compare("Training the network from scratch, compared with the nearest neighbour,", &nearest, &scratch)
        .classifier(session.view_of(&first.fitted.network, &first.test))
        .rows([two, all, scratch, softmax, nearest]))
}

/// Trains the top two hidden layers and the output layer. The two below stay frozen, and therefore cached.
pub fn unfreeze_two(
    session: &Session,
    fit: &str,
    networks: &[Tested<FourLayers>],
    images: FewImages,
) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, fit, UNFROZEN, images).each_seed_from(networks, |run, start| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        let (h1, h2, h3, h4, output) = start.fitted.network.clone();
        let frozen = Frozen((h1, h2));
        let whole = |(h3, h4, output)| {
            let Frozen((h1, h2)) = frozen.clone();
            (h1, h2, h3, h4, output)
        };
        run.fit_on_cache(&frozen, ((h3, h4, output), whole), &train, &validation, test)
    })
}

/// Trains all layers.
pub fn unfreeze_all(
    session: &Session,
    fit: &str,
    networks: &[Tested<FourLayers>],
    images: FewImages,
) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, fit, UNFROZEN, images).each_seed_from(networks, |run, start| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        run.fit_and_test(start.fitted.network.clone(), &train, &validation, test)
    })
}

/// Trains a network of the same shape that has learnt nothing before.
pub fn from_scratch(session: &Session, fit: &str, images: FewImages) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, fit, SCRATCH, images).each_seed(|run| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        run.fit_and_test(build::<FourLayers>(run.seed), &train, &validation, test)
    })
}

/// Counts the multiply-adds of a training step per image, with and without the two frozen layers.
///
/// A layer of `I` inputs and `O` outputs takes `I * O` forwards, as many for the gradient of its weights, and as many again for that of
/// its inputs if a layer below learns.
fn what_caching_saves() -> String {
    let (frozen, third, fourth, output) = (784 * 100 + 100 * 100, 100 * 100, 100 * 100, 100 * 5);
    let with = 2 * third + 3 * (fourth + output);
    let without = with + frozen;
    let saved = 100.0 * frozen as f64 / without as f64;
    let [with, without] = [with, without].map(thousands);
    format!(
        "The two layers that stay frozen are still cached, which saves {saved:.0} % of the multiply-adds: {with} per image and step instead of {without}."
    )
}
