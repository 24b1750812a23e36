//! What the few images give without any hidden layer: rows that all others have to beat.

use ch11_core::data::PIXELS;
use ch11_core::metrics::nearest_neighbour;
use ch11_core::nets::{Linear, build};
use ch11_harness::cli::Session;
use ch11_harness::report::Row;

use crate::few_images::{Drawn, FewImages};
use crate::recipes::{self, fits};

/// The name of the fit of softmax regression, and what JSON calls its row.
pub const SOFTMAX_REGRESSION: &str = "softmax_regression";
/// What JSON calls the row of the nearest neighbour.
pub const NEAREST_NEIGHBOUR: &str = "nearest_neighbour";

/// Trains softmax regression, and asks for the nearest neighbour of each test image.
pub fn rows(session: &Session, fit: &str, images: FewImages) -> anyhow::Result<[Row; 2]> {
    let softmax = fits(session, fit, recipes::SOFTMAX_REGRESSION, images).each_seed(|run| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        run.fit_and_test(build::<(Linear<PIXELS, 5>,)>(run.seed), &train, &validation, test)
    })?;
    let nearest = session.side_by_side(&session.args.all_seeds(), |&seed| {
        let Drawn { train, test, .. } = images.draw(&session.digits, seed);
        Ok(nearest_neighbour(&train, test))
    })?;
    Ok([
        Row::of("softmax regression on pixels", &softmax).key(SOFTMAX_REGRESSION),
        Row::untrained("nearest neighbour on pixels", &nearest).key(NEAREST_NEIGHBOUR),
    ])
}
