//! 9e. Unfreeze the top two hidden layers and go on; then unfreeze all; beside the same network from scratch.

use ch11_core::metrics::evaluate;
use ch11_core::nets::{Frozen, build};
use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use ch11_harness::report::{Exhibit, ResultRow, Section};
use serde_json::json;

use crate::few_images::FewImages;
use crate::part_d::FourLayers;
use crate::recipes::{QUICK_EPOCHS, UNFROZEN, UNFROZEN_ALL};
use crate::results::Closing;

const NOTEBOOK_ACCURACY_TWO: f64 = 0.781;
const NOTEBOOK_ACCURACY_ALL: f64 = 0.913;
const NOTEBOOK_ACCURACY_SCRATCH: f64 = 0.848;

/// Trains the networks of part d further.
pub fn run(
    session: &mut Session,
    networks: Vec<FourLayers>,
    images: &FewImages,
    closing: &mut Closing,
) -> anyhow::Result<()> {
    let (two, networks) = unfreeze_two(session, "unfrozen2", &networks, images)?;
    let (all, exhibit) = unfreeze_all(session, "unfrozen_all", &networks, images)?;
    let scratch = from_scratch(session, images)?;
    session.add_part(
        "e",
        json!({ "unfrozen2": two.to_json(), "unfrozen_all": all.to_json(), "scratch": scratch.to_json() }),
    );
    closing.say(what_caching_saves());
    closing.show(Section::new("9e. All unfrozen, on the test digits").exhibit(exhibit.as_ref()));
    closing.add(("9e", "top two unfrozen"), "unfrozen2", two, Some(NOTEBOOK_ACCURACY_TWO));
    closing.add(("9e", "all unfrozen"), "unfrozen_all", all, Some(NOTEBOOK_ACCURACY_ALL));
    closing.add(("9e", "from scratch"), "scratch", scratch, Some(NOTEBOOK_ACCURACY_SCRATCH));
    Ok(())
}

/// Trains the top two hidden layers and the output layer. The two below stay frozen, and therefore cached.
pub fn unfreeze_two(
    session: &Session,
    stage: &str,
    networks: &[FourLayers],
    images: &FewImages,
) -> anyhow::Result<(ResultRow, Vec<FourLayers>)> {
    let runs = session.stage(stage, UNFROZEN).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let (h1, h2, h3, h4, output) = networks[run.index].clone();
        let frozen = Frozen((h1, h2));
        let (train, validation, caching) = images.through(&frozen)?;
        let whole = |(h3, h4, output)| {
            let Frozen((h1, h2)) = frozen.clone();
            (h1, h2, h3, h4, output)
        };
        let fitted = run.fit_above((h3, h4, output), whole, &train, &validation)?;
        let test = evaluate(&fitted.network, &images.test);
        Ok((run.result(&fitted, &test)?.after(caching), fitted.network))
    })?;
    let (results, networks): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    Ok((ResultRow::new(results), networks))
}

/// Counts the multiply-adds of a training step per image, with and without the two frozen layers.
///
/// A layer of `I` inputs and `O` outputs takes `I * O` to compute, as many for the gradient of its weights, and as many again for that
/// of its inputs, unless what is below does not learn.
fn what_caching_saves() -> String {
    let (frozen, third, fourth, output) = (784 * 100 + 100 * 100, 100 * 100, 100 * 100, 100 * 5);
    let with = 2 * third + 3 * (fourth + output);
    let without = with + frozen;
    let saved = 100.0 * frozen as f64 / without as f64;
    let [with, without] = [with, without].map(thousands);
    format!(
        "9e: the two layers that stay frozen stay cached: {with} multiply-adds per image and step in place of {without}, {saved:.0} % saved."
    )
}

/// Trains all layers; returns what the report shows of the first seed's network, too.
pub fn unfreeze_all(
    session: &Session,
    stage: &str,
    networks: &[FourLayers],
    images: &FewImages,
) -> anyhow::Result<(ResultRow, Option<Exhibit>)> {
    let runs = session.stage(stage, UNFROZEN_ALL).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let fitted = run.fit(networks[run.index].clone(), &images.train, &images.validation)?;
        let test = evaluate(&fitted.network, &images.test);
        let exhibit = (run.index == 0).then(|| session.exhibit(&fitted.network, &test));
        Ok((run.result(&fitted, &test)?, exhibit))
    })?;
    let (results, exhibits): (_, Vec<_>) = runs.into_iter().unzip();
    Ok((ResultRow::new(results), exhibits.into_iter().next().flatten()))
}

/// Trains a network of the same shape that has learnt nothing before.
fn from_scratch(session: &Session, images: &FewImages) -> anyhow::Result<ResultRow> {
    let results = session.stage("scratch", UNFROZEN_ALL).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let fitted = run.fit(build::<FourLayers>(run.seed), &images.train, &images.validation)?;
        run.result(&fitted, &evaluate(&fitted.network, &images.test))
    })?;
    Ok(ResultRow::new(results))
}
