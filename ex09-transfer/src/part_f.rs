//! 9f. All rows again, on a network that was pretrained to transfer.

use ch11_core::metrics::evaluate;
use ch11_core::nets::{Frozen, build};
use ch11_harness::cli::Session;
use ch11_harness::report::{ResultRow, Section};
use serde_json::json;

use crate::few_images::FewImages;
use crate::pretrained::{self, Pretrained, with_output};
use crate::recipes::{HEAD_TO_TRANSFER, QUICK_EPOCHS};
use crate::results::Closing;
use crate::{part_d, part_e};

/// Trains all rows, with the frozen layers cached.
pub fn run(session: &mut Session, images: &FewImages, closing: &mut Closing) -> anyhow::Result<()> {
    let networks = pretrained::to_transfer(session)?;
    let five = on_five_cached(session, &networks, images)?;
    let (four, networks) = part_d::train(session, "to-transfer-frozen4", HEAD_TO_TRANSFER, &networks, images)?;
    let (two, networks) = part_e::unfreeze_two(session, "to-transfer-unfrozen2", &networks, images)?;
    let (all, exhibit) = part_e::unfreeze_all(session, "to-transfer-unfrozen_all", &networks, images)?;
    session.add_part(
        "f",
        json!({
            "frozen5": five.to_json(),
            "frozen4": four.to_json(),
            "unfrozen2": two.to_json(),
            "unfrozen_all": all.to_json(),
        }),
    );
    closing.add(("9f", "five frozen"), "to-transfer-frozen5", five, None);
    closing.add(("9f", "four frozen"), "to-transfer-frozen4", four, None);
    closing.add(("9f", "top two unfrozen"), "to-transfer-unfrozen2", two, None);
    closing.add(("9f", "all unfrozen"), "to-transfer-unfrozen_all", all, None);
    closing.show(Section::new("9f. All unfrozen, on the test digits").exhibit(exhibit.as_ref()));
    Ok(())
}

fn on_five_cached(session: &Session, networks: &[Pretrained], images: &FewImages) -> anyhow::Result<ResultRow> {
    let results =
        session.stage("to-transfer-frozen5", HEAD_TO_TRANSFER).quick(QUICK_EPOCHS).brief().each_seed(|run| {
            let (h1, h2, h3, h4, h5, _output) = networks[run.index].clone();
            let hidden = Frozen((h1, h2, h3, h4, h5));
            let (train, validation, caching) = images.through(&hidden)?;
            let output = (build(run.seed),);
            let fitted = run.fit_above(output, |output| with_output(&hidden, output), &train, &validation)?;
            Ok(run.result(&fitted, &evaluate(&fitted.network, &images.test))?.after(caching))
        })?;
    Ok(ResultRow::new(results))
}
