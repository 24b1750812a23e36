//! A fit on frozen layers leaves the whole network, which the tools load.

use std::fs;

use crate::common::{FOLDER, Place, stdout};
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
