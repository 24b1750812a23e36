//! 9b. Train the new output layer on 100 images per digit, and time it.

use ch11_core::metrics::evaluate;
use ch11_core::train::Fitted;
use ch11_harness::cli::Session;
use ch11_harness::report::{ResultRow, percent};
use serde_json::json;

use crate::few_images::FewImages;
use crate::part_a::{OnFiveFrozen, on_five_frozen};
use crate::pretrained::Pretrained;
use crate::recipes::{HEAD, QUICK_EPOCHS};
use crate::results::Closing;

/// What the reference notebook got, here and in the other parts: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.640;

/// Trains on the images themselves: they go through the frozen layers anew in every epoch.
pub fn run(
    session: &mut Session,
    networks: &[Pretrained],
    images: &FewImages,
    closing: &mut Closing,
) -> anyhow::Result<Vec<Fitted<OnFiveFrozen>>> {
    let runs = session.stage("frozen5", HEAD).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let network = on_five_frozen(&networks[run.index], run.seed);
        let fitted = run.fit(network, &images.train, &images.validation)?;
        let test = evaluate(&fitted.network, &images.test);
        Ok((run.result(&fitted, &test)?, fitted))
    })?;
    let (results, fitted): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    let row = ResultRow::new(results);
    session.add_part("b", json!({ "frozen5": row.to_json() }));
    closing.say(format!(
        "9b: from {} images per digit, {} of the test digits are classified correctly, with a macro precision of {}.",
        images.per_digit(),
        percent(&row.samples(|run| run.test_accuracy)),
        percent(&row.samples(|run| run.test_precision)),
    ));
    closing.add(("9b", "five frozen"), "frozen5", row, Some(NOTEBOOK_ACCURACY));
    Ok(fitted)
}
