//! Fits leave whole networks, which the tools load: also those below frozen layers, and those that compare two images.

use std::fs;

use crate::common::{FOLDER, Place, assert_fails, stderr, stdout};
use safetensors::SafeTensors;

#[test]
fn the_fit_on_frozen_layers_leaves_them_too() {
    let place = Place::new();
    place.train(["d", "--epochs", "1"]).success();
    let folder = place.path(FOLDER);
    let bytes = fs::read(folder.join("frozen_a/seed-42/final.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.names().len(), 12, "{:?}", tensors.names());

    // Without the fit above it, it is what the tools take.
    fs::remove_dir_all(folder.join("fine_tuned")).unwrap();
    let assert = place.tool(["draw"]).success();
    assert!(stdout(&assert).contains("runs/ex10/draw.html"), "{}", stdout(&assert));
}

#[test]
fn the_fits_on_distorted_images_leave_whole_networks_and_the_tools_take_the_one_from_all_labels() {
    let place = Place::new();
    place.train(["f", "--epochs", "1"]).success();
    for fit in ["frozen_a", "scratch", "ceiling"] {
        let bytes = fs::read(place.path(FOLDER).join(format!("augmented/{fit}/seed-42/final.safetensors"))).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let mut names: Vec<&str> = tensors.names().into_iter().filter(|name| name.ends_with("weight")).collect();
        names.sort_unstable();
        let hidden = (1..=5).map(|number| format!("hidden{number}.weight"));
        assert_eq!(names, hidden.chain(["output.weight".to_owned()]).collect::<Vec<_>>(), "{fit}");
    }
    let assert = place.tool(["draw"]).success();
    assert!(stderr(&assert).contains("augmented/ceiling"), "{}{}", stdout(&assert), stderr(&assert));
}

#[test]
fn networks_that_compare_two_images_are_written_as_onnx() {
    let place = Place::new();
    place.train(["c", "--epochs", "1"]).success();
    for (fit, operator) in [("pairs_hidden", "Concat"), ("pairs_distance", "Abs")] {
        place.tool(["onnx", "pairs.onnx", "--fit", fit]).success();
        let bytes = fs::read(place.path("pairs.onnx")).unwrap();
        for text in [operator, "first", "second", "logits", "the two images show different digits"] {
            assert!(bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{fit}: no {text} in it");
        }
    }
    assert_fails(
        place.tool(["onnx", "pairs.onnx", "--fit", "pairs"]),
        &["expected runs/ex10/pairs/seed-42/final.ckpt"],
    );
}
