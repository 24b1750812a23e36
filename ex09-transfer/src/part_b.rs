//! 9b. Train the new output layer on 100 images per digit: how long does it take, and how precise is it with so few images?

use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, Tested, percent};

use crate::few_images::{Drawn, FewImages};
use crate::part_a::{OnFiveFrozen, on_five_frozen};
use crate::pretrained::Pretrained;
use crate::recipes::{OUTPUT_LAYER, fits};

/// The name of the fit.
pub const FIT: &str = "frozen5";

/// What the reference notebook got, here and in the other parts: ageron/handson-ml, `11_deep_learning.ipynb`.
const NOTEBOOK_ACCURACY: f64 = 0.640;

/// A macro precision that is called high here.
const HIGH_PRECISION: f64 = 0.95;

/// Trains on the images themselves: they go through the frozen layers anew in every epoch.
pub fn train(
    session: &Session,
    networks: &[Pretrained],
    images: FewImages,
) -> anyhow::Result<Vec<Tested<OnFiveFrozen>>> {
    fits(session, FIT, OUTPUT_LAYER, images).each_seed_from(networks, |run, network| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        run.fit_and_test(on_five_frozen(network, run.seed), &train, &validation, test)
    })
}

/// Says how it did.
pub fn findings(session: &Session, tested: &[Tested<OnFiveFrozen>], images: FewImages) -> Findings {
    let row = Row::of("five frozen", tested).key(FIT).notebook(NOTEBOOK_ACCURACY);
    let took = row.times(|run| run.seconds).map_or(String::new(), |it| format!(", after {:.2} s", it.mean()));
    let precision = row.samples(|run| run.test_precision);
    let took = format!(
        "From {} images per digit, and {} more to decide when to stop, {} of the test digits are classified correctly{took}.",
        images.per_digit(&session.digits),
        images.to_validate(),
        percent(&row.test_accuracy()),
    );
    let is_high = if precision.mean() >= HIGH_PRECISION { "Yes" } else { "No" };
    let precise =
        format!("High precision, {:.0} % or more? {is_high}: {}.", 100.0 * HIGH_PRECISION, percent(&precision));
    Findings::new("9b", "A new output layer").rows([row]).say(took).say(precise)
}
