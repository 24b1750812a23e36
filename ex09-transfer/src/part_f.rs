//! 9f. All rows again, on a network that was pretrained to transfer; the book does not ask for it.

use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row};

use crate::few_images::FewImages;
use crate::pretrained;
use crate::recipes::HEAD_TO_TRANSFER;
use crate::results::{Rows, verdict};
use crate::{part_b, part_c, part_d, part_e};

/// The names of the fits; pretraining is the first.
pub const FITS: [&str; 5] = [
    pretrained::TO_TRANSFER_FIT,
    "to-transfer-frozen5",
    "to-transfer-frozen4",
    "to-transfer-unfrozen2",
    "to-transfer-unfrozen_all",
];

/// Trains all rows, with the frozen layers cached.
pub fn run(session: &Session, images: &FewImages, rows: &Rows) -> anyhow::Result<Findings> {
    let [_, five_fit, four_fit, two_fit, all_fit] = FITS;
    let networks = pretrained::to_transfer(session)?;
    let five = part_c::train(session, five_fit, HEAD_TO_TRANSFER, &networks, images)?;
    let four = part_d::train(session, four_fit, HEAD_TO_TRANSFER, &networks, images)?;
    let two = part_e::unfreeze_two(session, two_fit, &four, images)?;
    let all = part_e::unfreeze_all(session, all_fit, &two, images)?;

    let first = &all[0];
    let five = Row::of("five frozen", &five).key(part_b::FIT);
    let four = Row::of("four frozen", &four).key(part_d::FIT);
    let two = Row::of("top two unfrozen", &two).key(part_e::UNFROZEN_TWO_FIT);
    let all = Row::of("all unfrozen", &all).key(part_e::UNFROZEN_ALL_FIT);
    let pretraining = "pretraining to transfer, under five frozen layers,";
    Ok(Findings::new("9f", "All unfrozen, on the test digits")
        .say_each(verdict(pretraining, rows.five.as_ref(), &five, images))
        .say_each(verdict("the same, under four,", rows.four.as_ref(), &four, images))
        .say_each(verdict("the same, with the top two unfrozen,", rows.two.as_ref(), &two, images))
        .say_each(verdict("the same, with all unfrozen,", rows.all.as_ref(), &all, images))
        .classifier("", session.view_of(&first.fitted.network, &first.test))
        .rows([five, four, two, all]))
}
