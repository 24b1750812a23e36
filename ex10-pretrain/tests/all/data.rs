//! Images that are too few or of one digit only are errors that say what is missing.

use std::fs;
use std::path::Path;

use crate::common::{Place, assert_fails};

/// Writes a data set of MNIST's form and size, with the label that `label` gives each row.
fn write_idx(folder: &Path, label: fn(u32) -> u8) {
    fs::create_dir_all(folder).unwrap();
    for (prefix, rows) in [("train", 60_000), ("t10k", 10_000)] {
        let labels: Vec<u8> = (0..rows).map(label).collect();
        let write = |kind: &str, header: &[u32], bytes: &[u8]| {
            let header: Vec<u8> = header.iter().flat_map(|number| number.to_be_bytes()).collect();
            fs::write(folder.join(format!("{prefix}-{kind}-ubyte")), [&header, bytes].concat()).unwrap();
        };
        write("labels-idx1", &[0x801, rows], &labels);
        let pixels: Vec<u8> = labels.iter().flat_map(|&label| [label * 20; 784]).collect();
        write("images-idx3", &[0x803, rows, 28, 28], &pixels);
    }
}

/// Which digit the image of a number is of.
type DigitOf = fn(u32) -> u8;

#[test]
fn too_few_images_are_an_error_before_anything_is_trained() {
    // Of the 60,000 rows, the first 5,000 are split #2 and the last 5,000 are for validation pairs.
    let cases: [(DigitOf, &[&str]); 3] = [
        (|_| 3, &["found no image of a 0 to train on", "each of the digits 0 to 9"]),
        (
            |row| if row == 7_000 { 9 } else { (row % 9) as u8 },
            &["50,000 training images", "class 9 has a single image"],
        ),
        (
            |row| if [7_000, 7_001, 59_990].contains(&row) { 9 } else { (row % 9) as u8 },
            &["5,000 validation images", "class 9 has a single image"],
        ),
    ];
    for (case, (label, says)) in cases.into_iter().enumerate() {
        let place = Place::new();
        write_idx(&place.path("digits"), label);
        let assert = place.run(["--data", "idx", "--data-dir", "digits", "--quick"]);
        assert_fails(assert, says);
        assert!(!place.path("runs").exists(), "case {case} left a run folder");
    }
}

#[test]
fn other_digits_are_not_gone_on_with() {
    let place = Place::new();
    place.train(["d", "--epochs", "1"]).success();
    write_idx(&place.path("digits"), |row| (row % 10) as u8);
    let assert = place.run(["d", "--data", "idx", "--data-dir", "digits", "--epochs", "2", "--resume", "--quick"]);
    assert_fails(assert, &["pairs_hidden", "last.ckpt", "the data", "without --resume"]);
}
