//! `--tensorboard`: which fits have histograms of activations and gradients.

use std::fs;

use crate::common::{FOLDER, Place};

/// Counts how often a tag is in the event file of a fit.
fn count(place: &Place, fit: &str, tag: &str) -> usize {
    let file = place.path(FOLDER).join(fit).join("seed-42/events.out.tfevents.ch11");
    String::from_utf8_lossy(&fs::read(file).unwrap()).matches(tag).count()
}

#[test]
fn every_fit_on_images_has_spreads_and_no_other_bits_for_it() {
    let (plain, watched) = (Place::new(), Place::new());
    plain.train(["d", "f", "--epochs", "1"]).success();
    watched.train(["d", "f", "--epochs", "1", "--tensorboard"]).success();
    let on_images =
        ["fine_tuned", "scratch", "ceiling", "augmented/frozen_a", "augmented/scratch", "augmented/ceiling"];
    for fit in on_images {
        for tag in ["activations/hidden1", "gradients/hidden5", "gradients/output"] {
            // Before the first epoch and after it.
            assert_eq!(count(&watched, fit, tag), 2, "{tag} of {fit}");
        }
        let weights = |place: &Place| fs::read(place.path(FOLDER).join(fit).join("seed-42/final.safetensors")).unwrap();
        assert!(weights(&plain) == weights(&watched), "other weights of {fit}");
    }
    for fit in ["pairs_hidden", "frozen_a", "augmented/pairs_hidden"] {
        assert_eq!(count(&watched, fit, "activations/"), 0, "of {fit}, on pairs or on cached features");
    }
}
