//! 9f. All rows again, on a network that was pretrained to transfer; the book does not ask for it.

use ch11_core::data::Augmentation;
use ch11_core::nets::{NormalisedDeepNet, build, fold};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row};

use crate::few_images::FewImages;
use crate::pretrained::Pretrained;
use crate::recipes::{OUTPUT_LAYER_TO_TRANSFER, TO_TRANSFER};
use crate::results::row_of;
use crate::{part_b, part_c, part_d, part_e};

/// The name of the fit that pretrains.
const PRETRAINING_FIT: &str = "to-transfer";
const FIVE_FROZEN_FIT: &str = "to-transfer-frozen5";
const FOUR_FROZEN_FIT: &str = "to-transfer-frozen4";
const UNFROZEN_TWO_FIT: &str = "to-transfer-unfrozen2";
/// The name of the fit with all unfrozen.
pub const UNFROZEN_ALL_FIT: &str = "to-transfer-unfrozen_all";

/// The names of all fits.
pub const FITS: [&str; 5] = [PRETRAINING_FIT, FIVE_FROZEN_FIT, FOUR_FROZEN_FIT, UNFROZEN_TWO_FIT, UNFROZEN_ALL_FIT];

/// Trains all rows, with the frozen layers cached.
pub fn run(session: &Session, earlier: &[Findings], images: FewImages) -> anyhow::Result<Findings> {
    let networks = pretrain(session, PRETRAINING_FIT, TO_TRANSFER, Augmentation::OFF)?;
    let five = part_c::train(session, FIVE_FROZEN_FIT, OUTPUT_LAYER_TO_TRANSFER, &networks, images)?;
    let four = part_d::train(session, FOUR_FROZEN_FIT, OUTPUT_LAYER_TO_TRANSFER, &networks, images)?;
    let two = part_e::unfreeze_two(session, UNFROZEN_TWO_FIT, &four, images)?;
    let all = part_e::unfreeze_all(session, UNFROZEN_ALL_FIT, &two, images)?;

    let first = &all[0];
    let five = Row::of("five frozen", &five).key(part_b::FIT);
    let four = Row::of("four frozen", &four).key(part_d::FIT);
    let two = Row::of("top two unfrozen", &two).key(part_e::UNFROZEN_TWO_FIT);
    let all = Row::of("all unfrozen", &all).key(part_e::UNFROZEN_ALL_FIT);
    let earlier_row = |part, row: &Row| row.key.and_then(|key| row_of(earlier, part, key));
    Ok(Findings::new("9f", "All unfrozen, on the test digits")
        .compare("Pretraining for transfer, under five frozen layers,", earlier_row("9b", &five), &five)
        .compare("Pretraining for transfer, under four frozen layers,", earlier_row("9d", &four), &four)
        .compare("Pretraining for transfer, with the top two unfrozen,", earlier_row("9e", &two), &two)
        .compare("Pretraining for transfer, with all unfrozen,", earlier_row("9e", &all), &all)
        .classifier(session.view_of(&first.fitted.network, &first.test))
        .rows([five, four, two, all]))
}

/// Trains networks that transfer better than exercise 8's: a few epochs, with batch normalisation, which is then folded into the
/// layers. Part h distorts the digits.
pub fn pretrain(
    session: &Session,
    fit: &str,
    recipe: Recipe,
    augmentation: Augmentation,
) -> anyhow::Result<Vec<Pretrained>> {
    let digits = session.load(0..=4)?;
    session.fits(fit, recipe).pretraining("digits 0 to 4").brief().each_seed(|run| {
        let task = run.classification(&digits.train, &digits.validation).augmented(augmentation);
        let fitted = run.fit_classifier(build::<NormalisedDeepNet<5>>(run.seed), &task)?;
        let (h1, h2, h3, h4, h5, output) = fitted.network;
        Ok((fold(h1), fold(h2), fold(h3), fold(h4), fold(h5), output))
    })
}
