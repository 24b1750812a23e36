//! 10b. Draw balanced pairs from split #1, 55,000 training images: half of a batch shows the same digit twice, half two digits.

use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use ch11_harness::report::pictures_of_pairs;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::pairs::PairSets;
use crate::splits::Splits;

/// Pairs that the report shows.
const SHOWN: usize = 16;

/// Says what pairs there are, and shows some.
pub fn run(session: &mut Session) -> anyhow::Result<()> {
    let findings = session.begin("10b", "Pairs: label 0 for the same digit, 1 for different ones");
    let PairSets { task, test } = PairSets::of(Splits::of(&session.digits))?;
    let validation_images = task.images.len() - task.training_images;
    let sets = [
        ("training", task.training_images, task.pairs_per_epoch(), "anew in every epoch"),
        ("validation", validation_images, task.validation.pairs.len(), "of the rest of split #1"),
        ("test", test.images.len(), test.pairs.len(), "of the test images"),
    ];
    let line = |(name, images, pairs, note)| {
        let [images, pairs] = [images, pairs].map(thousands);
        format!("{name:<10}  {pairs:>6} pairs of {images:>6} images, {note}")
    };
    let drawn = task.source.draw(SHOWN, &mut ChaCha8Rng::seed_from_u64(session.args.seed));
    let findings = findings
        .remark(sets.map(line).join("\n"))
        .gallery("Some training pairs and their labels.", pictures_of_pairs(task.images, &drawn, &[]))
        .value("pairs_per_epoch", task.pairs_per_epoch())
        .value("validation_pairs", task.validation.pairs.len())
        .value("test_pairs", test.pairs.len());
    session.conclude(findings);
    Ok(())
}
