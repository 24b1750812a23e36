//! 9e. Unfreeze the top two hidden layers and go on, then unfreeze all: does it do still better, and better than from scratch?

use ch11_core::nets::{Frozen, build};
use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Tested};

use crate::few_images::FewImages;
use crate::part_d::{self, FourLayers};
use crate::recipes::{UNFROZEN, UNFROZEN_ALL, fits};
use crate::results::row_of;

/// The name of the fit with the top two hidden layers unfrozen.
pub const UNFROZEN_TWO_FIT: &str = "unfrozen2";
/// The name of the fit with all unfrozen.
pub const UNFROZEN_ALL_FIT: &str = "unfrozen_all";
/// The name of the fit from scratch.
pub const SCRATCH_FIT: &str = "scratch";

const NOTEBOOK_ACCURACY_TWO: f64 = 0.781;
const NOTEBOOK_ACCURACY_ALL: f64 = 0.913;
const NOTEBOOK_ACCURACY_SCRATCH: f64 = 0.848;

/// Trains the networks of part d further.
pub fn run(
    session: &Session,
    four: &[Tested<FourLayers>],
    earlier: &[Findings],
    images: &FewImages,
) -> anyhow::Result<Findings> {
    let two = unfreeze_two(session, UNFROZEN_TWO_FIT, four, images)?;
    let all = unfreeze_all(session, UNFROZEN_ALL_FIT, &two, images)?;
    let scratch = from_scratch(session, images)?;

    let first = &all[0];
    let two = Row::of("top two unfrozen", &two).key(UNFROZEN_TWO_FIT).notebook(NOTEBOOK_ACCURACY_TWO);
    let all = Row::of("all unfrozen", &all).key(UNFROZEN_ALL_FIT).notebook(NOTEBOOK_ACCURACY_ALL);
    let scratch = Row::of("from scratch", &scratch).key(SCRATCH_FIT).notebook(NOTEBOOK_ACCURACY_SCRATCH);
    Ok(Findings::new("9e", "All unfrozen, on the test digits")
        .say(what_caching_saves())
        .compare("To unfreeze the top two", row_of(earlier, "9d", part_d::FIT), &two)
        .compare("To unfreeze all", &two, &all)
        .compare("Transfer, beside the same network from scratch,", &scratch, &all)
        .classifier(session.view_of(&first.fitted.network, &first.test))
        .rows([two, all, scratch]))
}

/// Trains the top two hidden layers and the output layer. The two below stay frozen, and therefore cached.
pub fn unfreeze_two(
    session: &Session,
    fit: &str,
    networks: &[Tested<FourLayers>],
    FewImages { train, validation, test }: &FewImages,
) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, fit, UNFROZEN).each_seed_from(networks, |run, start| {
        let (h1, h2, h3, h4, output) = start.fitted.network.clone();
        let frozen = Frozen((h1, h2));
        let whole = |(h3, h4, output)| {
            let Frozen((h1, h2)) = frozen.clone();
            (h1, h2, h3, h4, output)
        };
        run.fit_on_cache(&frozen, ((h3, h4, output), whole), train, validation, test)
    })
}

/// Trains all layers.
pub fn unfreeze_all(
    session: &Session,
    fit: &str,
    networks: &[Tested<FourLayers>],
    FewImages { train, validation, test }: &FewImages,
) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, fit, UNFROZEN_ALL)
        .each_seed_from(networks, |run, start| run.fit_and_test(start.fitted.network.clone(), train, validation, test))
}

/// Trains a network of the same shape that has learnt nothing before.
fn from_scratch(
    session: &Session,
    FewImages { train, validation, test }: &FewImages,
) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, SCRATCH_FIT, UNFROZEN_ALL)
        .each_seed(|run| run.fit_and_test(build::<FourLayers>(run.seed), train, validation, test))
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
        "The two layers that stay frozen stay cached: {with} multiply-adds per image and step in place of {without}, {saved:.0} % saved."
    )
}
