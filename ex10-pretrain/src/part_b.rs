//! 10b. Draw balanced pairs of images: half of a batch shows the same digit twice, half two digits.

use ch11_core::shown;
use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use ch11_harness::report::Section;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::pairs::PairSets;
use crate::{picture, scores};

/// Pairs in the picture.
const SHOWN: usize = 16;

/// Says what pairs there are, and draws a picture of some.
pub fn run(session: &mut Session) -> anyhow::Result<()> {
    let PairSets { task, test } = PairSets::of(&session.digits)?;
    session.print("\n10b. Pairs: label 0 for the same digit, 1 for different ones");
    let validation_images = task.images.len() - task.training_images;
    let rows = [
        ("training", task.training_images, task.pairs_per_epoch(), "anew in every epoch"),
        ("validation", validation_images, task.validation.pairs.len(), "of the rest of split #1"),
        ("test", session.digits.test.len(), test.pairs.len(), "of the test images"),
    ];
    for (name, images, pairs, note) in rows {
        let [images, pairs] = [images, pairs].map(thousands);
        session.print(format_args!("{name:<10}  {pairs:>6} pairs of {images:>6} images, {note}"));
    }
    let first = task.source.draw(SHOWN, &mut ChaCha8Rng::seed_from_u64(session.args.seed));
    let path = session.save_picture("b", "pairs", &picture::of(task.images, &first))?;
    session.print(format_args!("{SHOWN} training pairs with their labels are in {}.", shown(&path)));
    let pairs = scores::pictures(task.images, &first, &[]);
    session.report.add(Section::new("10b. Balanced pairs").gallery("Some training pairs and their labels.", &pairs));
    let results = json!({
        "pairs_per_epoch": task.pairs_per_epoch(),
        "validation_pairs": task.validation.pairs.len(),
        "test_pairs": test.pairs.len(),
        "picture": path.to_string_lossy(),
    });
    session.add_part("b", results);
    Ok(())
}
