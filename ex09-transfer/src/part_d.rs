//! 9d. Reuse four hidden layers instead of five: is that better?

use ch11_core::nets::{Frozen, Hidden, Linear, build};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Tested};

use crate::few_images::{Drawn, FewImages};
use crate::part_b;
use crate::pretrained::Pretrained;
use crate::recipes::fits;
use crate::results::row_of;

/// The name of the fit.
pub const FIT: &str = "frozen4";

const NOTEBOOK_ACCURACY: f64 = 0.691;

/// Four hidden layers of exercise 8 under a new output layer.
pub type FourLayers = (Hidden<784, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Linear<100, 5>);

/// Takes the network apart, drops its last hidden layer, too, and trains a new output layer on the cached rest; part f does so with
/// another network.
pub fn train(
    session: &Session,
    fit: &str,
    recipe: Recipe,
    networks: &[Pretrained],
    images: FewImages,
) -> anyhow::Result<Vec<Tested<FourLayers>>> {
    fits(session, fit, recipe, images).each_seed_from(networks, |run, network| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        let (h1, h2, h3, h4, _h5, _output) = network.clone();
        let frozen = Frozen((h1, h2, h3, h4));
        let output: (Linear<100, 5>,) = (build(run.seed),);
        let whole = |(output,)| {
            let Frozen((h1, h2, h3, h4)) = frozen.clone();
            (h1, h2, h3, h4, output)
        };
        run.fit_on_cache(&frozen, (output, whole), &train, &validation, test)
    })
}

/// Says how it did, beside five frozen layers if those were trained.
pub fn findings(tested: &[Tested<FourLayers>], earlier: &[Findings]) -> Findings {
    let row = Row::of("four frozen", tested).key(FIT).notebook(NOTEBOOK_ACCURACY);
    Findings::new("9d", "Four hidden layers instead of five")
        .compare("Reusing four hidden layers instead of five", row_of(earlier, "9b", part_b::FIT), &row)
        .rows([row])
}
