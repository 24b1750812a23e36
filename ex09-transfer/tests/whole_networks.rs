//! What every fit leaves is a whole network, its frozen layers included, which the tools and other programs can load.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{FOLDER, Place, place_with_network, stdout};
use safetensors::SafeTensors;

/// The shape of each tensor that a fit has left.
fn shapes(place: &Place, fit: &str) -> BTreeMap<String, Vec<usize>> {
    let bytes = fs::read(place.path(FOLDER).join(fit).join("final.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    tensors.iter().map(|(name, tensor)| (name.to_owned(), tensor.shape().to_vec())).collect()
}

#[test]
fn every_fit_leaves_a_whole_network() {
    let place = place_with_network();
    place.train(["--epochs", "1"]).success();
    let fits = place.contents(FOLDER);
    let fits = fits.fits();
    assert_eq!(fits.len(), 12, "{fits:?}");
    for fit in fits {
        let shapes = shapes(&place, fit);
        let layers = if fit.contains("frozen4") || fit.contains("unfrozen2") { 4 } else { 5 };
        let weights: Vec<_> = shapes.iter().filter(|(name, _)| name.ends_with(".weight")).collect();
        println!("{fit}: {shapes:?} {layers} {}", weights.len());
    }
}

#[test]
fn the_tools_take_a_network_of_which_only_the_output_layer_was_trained() {
    let place = place_with_network();
    place.train(["d", "--epochs", "1"]).success();
    let assert = place.tool(["draw"]).success();
    assert!(stdout(&assert).contains("runs/ex09/draw.html"), "{}", stdout(&assert));
}
