//! 9d. Reuse four hidden layers in place of five.

use ch11_core::metrics::evaluate;
use ch11_core::nets::{Frozen, Hidden, Linear, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::ResultRow;
use serde_json::json;

use crate::few_images::FewImages;
use crate::pretrained::Pretrained;
use crate::recipes::{HEAD, QUICK_EPOCHS};
use crate::results::Closing;

const NOTEBOOK_ACCURACY: f64 = 0.691;

/// Four hidden layers of exercise 8 under a new output layer.
pub type FourLayers = (Hidden<784, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Linear<100, 5>);

/// Takes the network apart, drops its last hidden layer, too, and trains a new output layer on the cached rest.
pub fn run(
    session: &mut Session,
    networks: &[Pretrained],
    images: &FewImages,
    closing: &mut Closing,
) -> anyhow::Result<Vec<FourLayers>> {
    let (row, four) = train(session, "frozen4", HEAD, networks, images)?;
    session.add_part("d", json!({ "frozen4": row.to_json() }));
    closing.add(("9d", "four frozen"), "frozen4", row, Some(NOTEBOOK_ACCURACY));
    Ok(four)
}

/// Trains one output layer per seed, and puts the layers together again.
pub fn train(
    session: &Session,
    stage: &str,
    recipe: Recipe,
    networks: &[Pretrained],
    images: &FewImages,
) -> anyhow::Result<(ResultRow, Vec<FourLayers>)> {
    let runs = session.stage(stage, recipe).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let (h1, h2, h3, h4, _h5, _output) = networks[run.index].clone();
        let hidden = Frozen((h1, h2, h3, h4));
        let (train, validation, caching) = images.through(&hidden)?;
        let whole = |(output,)| {
            let Frozen((h1, h2, h3, h4)) = hidden.clone();
            (h1, h2, h3, h4, output)
        };
        let output: (Linear<100, 5>,) = (build(run.seed),);
        let fitted = run.fit_above(output, whole, &train, &validation)?;
        let test = evaluate(&fitted.network, &images.test);
        Ok((run.result(&fitted, &test)?.after(caching), fitted.network))
    })?;
    let (results, networks): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    Ok((ResultRow::new(results), networks))
}
