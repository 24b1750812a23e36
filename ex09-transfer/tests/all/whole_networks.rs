//! What every fit leaves is a whole network, its frozen layers included, which the tools and other programs can load.

use std::collections::BTreeMap;
use std::fs;

use crate::common::{FOLDER, Place, place_with_network, stdout};
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
    assert_eq!(fits.len(), 26, "{fits:?}");
    for fit in fits {
        let shapes = shapes(&place, fit);
        // PyTorch's order: outputs, inputs.
        let matrices: Vec<_> = shapes.values().filter(|shape| shape.len() == 2).collect();
        let hidden = match fit {
            _ if fit.contains("softmax") => 0,
            _ if ["frozen5", "cached", "to-transfer/seed"].iter().any(|name| fit.contains(name)) => 5,
            _ => 4,
        };
        assert_eq!(matrices.len(), hidden + 1, "{fit}: {shapes:?}");
        assert_eq!((matrices[0][1], matrices[hidden][0]), (784, 5), "{fit}: {shapes:?}");
        assert!(matrices.windows(2).all(|pair| pair[0][0] == pair[1][1]), "{fit}: {shapes:?}");
    }
}

#[test]
fn the_tools_take_a_network_of_which_only_the_output_layer_was_trained() {
    let place = place_with_network();
    place.train(["d", "--epochs", "1"]).success();
    let assert = place.tool(["draw"]).success();
    assert!(stdout(&assert).contains("runs/ex09/draw.html"), "{}", stdout(&assert));
}
