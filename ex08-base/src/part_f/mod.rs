//! 8f. The chapter's section on data augmentation has no exercise of its own. So we ask: what if the network never sees a training
//! digit twice, since each is shifted, turned, sheared, enlarged or bent a little whenever it is drawn? How few mistakes do five
//! layers of 100 neurons then make, and which digits are still beyond them?
//!
//! How an image is distorted is in [`Augmentation`]. All networks are the one of part a, trained by one recipe, but for the epochs
//! that it allows: what is enough for digits as they are would cut the others short.

mod args;
mod exhibit;
mod mistakes;

use std::num::NonZeroUsize;

use ch11_core::data::{Augmentation, Digits};
use ch11_core::nets::build;
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Row, Samples, Tested};
use serde_json::Value;

pub use args::AugmentArgs;
use mistakes::Mistakes;

use crate::part_a::Network;

/// One way to draw training digits, and what is asked of it.
#[derive(Debug, Clone, Copy)]
struct Way {
    augmentation: Augmentation,
    /// What JSON calls it, which is its name on a command line, too, but for `plain`.
    key: &'static str,
    /// What tables call it.
    name: &'static str,
    /// How a network is trained on them: the more ways a digit can look, the longer.
    recipe: Recipe,
}

/// The ways that are compared. More epochs lower the validation loss of `elastic`, from 0.0045 after 150 to 0.0040 after 250.
const WAYS: [Way; 4] = [
    Way { augmentation: Augmentation::OFF, key: "plain", name: "digits as they are", recipe: SHORT },
    Way { augmentation: Augmentation::SHIFT, key: "shift", name: "shifted", recipe: LONGER },
    Way { augmentation: Augmentation::AFFINE, key: "affine", name: "affine maps", recipe: LONGER },
    Way {
        augmentation: Augmentation::ELASTIC,
        key: "elastic",
        name: "affine maps and elastic displacements",
        recipe: Recipe::AUGMENTED,
    },
];

/// A fit that ends when two fifths of its epochs have brought no lower validation loss. Of 15 that ran to the last one, from
/// five seeds, none would have been worse for it.
const SHORT: Recipe =
    Recipe { epochs: NonZeroUsize::new(30).unwrap(), patience: NonZeroUsize::new(12).unwrap(), ..Recipe::AUGMENTED };

/// The same with more epochs.
const LONGER: Recipe =
    Recipe { epochs: NonZeroUsize::new(100).unwrap(), patience: NonZeroUsize::new(40).unwrap(), ..Recipe::AUGMENTED };

/// The fits whose networks know drawn digits best, the best first.
pub const BEST_FITS: [&str; 3] = ["f/elastic", "f/affine", "f/shift"];

/// Names the fits that the flag asks for.
pub fn fits(args: &AugmentArgs) -> Vec<String> {
    WAYS.iter().filter(|way| args.includes(way.augmentation)).map(Way::fit).collect()
}

impl Way {
    /// Names its fit.
    fn fit(&self) -> String {
        format!("f/{}", self.key)
    }
}

/// Trains the network in each of these ways, from each seed.
fn train(session: &Session, ways: &[Way]) -> anyhow::Result<Vec<Vec<Tested<Network>>>> {
    let Digits { train, validation, test, .. } = &session.digits;
    let fits = |way: &Way| session.fits(&way.fit(), way.recipe).brief();
    session.each_seed_of(&ways.iter().map(fits).collect::<Vec<_>>(), |way, run| {
        let task = run.classification(train, validation).augmented(ways[way].augmentation);
        run.fit_classifier_and_test(build::<Network>(run.seed), &task, test)
    })
}

/// Trains the network on digits that are drawn in each way, and shows what is still wrong.
pub fn run(session: &mut Session, args: &AugmentArgs) -> anyhow::Result<()> {
    let findings = session.begin("8f", "Data augmentation");
    // The longest fits first, so that no thread is left with one at the end.
    let ways: Vec<Way> = WAYS.into_iter().filter(|way| args.includes(way.augmentation)).rev().collect();
    let mut tested = train(session, &ways)?;
    tested.reverse();
    let ways: Vec<Way> = ways.into_iter().rev().collect();

    let rows: Vec<Row> = ways.iter().zip(&tested).map(|(way, tested)| Row::of(way.name, tested).key(way.key)).collect();
    let row = |key: &str| rows.iter().find(|row| row.key == Some(key));
    let best = tested.last().map(Vec::as_slice).unwrap_or_default();
    let mistakes = Mistakes::of(session, best);
    let drawn_by = ways.last().map_or(Augmentation::OFF, |way| way.augmentation);
    let (bent, below) = match row("affine") {
        Some(affine) => ("Elastic displacement, on top of an affine map,", Some(affine)),
        None => ("An affine map and elastic displacement for each digit", row("plain")),
    };
    let findings = findings
        .compare("Shifting digits", row("plain"), row("shift"))
        .compare("An affine map for each digit", row("plain"), row("affine"))
        .compare(bent, below, row("elastic"))
        .value("training_loss", training_losses(&ways, &tested))
        .value("still_wrong", mistakes.to_json())
        .say(by_heart(&ways, &tested))
        .say(mistakes.sentence())
        .rows(rows)
        .curves()
        .gallery(&exhibit::note(drawn_by), exhibit::pictures(session, drawn_by))
        .gallery(&mistakes.note(), mistakes.pictures());
    session.conclude(match best.first() {
        Some(first) => findings.classifier(session.view_of(&first.fitted.network, &first.test)),
        None => findings,
    });
    Ok(())
}

/// The training loss of the epoch whose weights were kept, from each seed: on the digits as they were drawn in it.
fn training_loss(tested: &[Tested<Network>]) -> Samples {
    Samples::of(tested, |it| it.fitted.history.best().map_or(f64::NAN, |(_, best)| best.training_loss))
}

fn training_losses(ways: &[Way], tested: &[Vec<Tested<Network>>]) -> Value {
    ways.iter().zip(tested).map(|(way, tested)| (way.key.to_owned(), training_loss(tested).to_json())).collect()
}

/// Says whether the networks know the digits that they were trained on better than others.
fn by_heart(ways: &[Way], tested: &[Vec<Tested<Network>>]) -> String {
    let losses = |(way, tested): (&Way, &Vec<Tested<Network>>)| {
        let validation = Samples::of(tested, Tested::validation_loss);
        format!("{} {:.4} and {:.4}", way.name, training_loss(tested).mean(), validation.mean())
    };
    let losses: Vec<String> = ways.iter().zip(tested).map(losses).collect();
    format!(
        "Are digits still learnt by heart? Losses on the training digits as they were drawn, and on the validation digits: {}.",
        losses.join("; ")
    )
}
