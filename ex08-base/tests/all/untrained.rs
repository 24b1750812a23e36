//! What the binary does with a network that nothing has trained: the range test of learning rates, and learning by heart.

use std::fs;

use crate::common::{Place, assert_fails, stdout};

#[test]
fn the_range_test_suggests_a_rate_and_draws_it() {
    let place = Place::new();
    let text = stdout(&place.tool(["lr-find", "--data", "synthetic", "--offline"]).success());
    let suggested = text.split("a tenth of that is suggested: ").nth(1).unwrap_or_else(|| panic!("{text}"));
    let rate: f32 = suggested.lines().next().unwrap().trim_end_matches('.').parse().unwrap();
    // What exercise 8 trains with is within a factor of ten.
    assert!((0.0001..0.01).contains(&rate), "{text}");
    let picture = fs::read_to_string(place.path("runs/ex08/lr-find.svg")).unwrap();
    assert!(picture.contains("learning rate") && picture.contains("training loss"), "{picture}");
}

#[test]
fn a_few_images_are_learnt_by_heart() {
    let place = Place::new();
    let text = stdout(&place.tool(["overfit", "20", "--data", "synthetic", "--offline"]).success());
    assert!(text.contains("The network has learnt 20 images by heart in "), "{text}");
    place.tool(["overfit", "0"]).code(2);
}

#[test]
fn equal_images_with_different_labels_cannot_be_learnt_by_heart() {
    let place = Place::new();
    ch11_testing::write_idx(&place.path("own"), 240, 20);
    let file = place.path("own/train-images-idx3-ubyte");
    let mut images = fs::read(&file).unwrap();
    images[16..].fill(100);
    fs::write(file, images).unwrap();
    let assert = place.tool(["overfit", "20", "--data", "idx", "--data-dir", "own"]);
    let text = stdout(&assert);
    assert!(text.contains("epoch  512: loss 1.6") && !text.contains("has learnt"), "{text}");
    assert_fails(assert, &["on 20 images, expected one below 0.001", "equal images with different labels"]);
}

#[test]
fn digits_that_are_too_few_to_train_on_are_an_error() {
    let place = Place::new();
    ch11_testing::write_idx(&place.path("few"), 240, 20);
    let labels = place.path("few/train-labels-idx1-ubyte");
    let mut sorted = fs::read(&labels).unwrap();
    sorted[8..].sort_unstable_by(|one, other| other.cmp(one));
    fs::write(&labels, &sorted).unwrap();
    let fails = |says: &str| {
        for tool in ["lr-find", "overfit"] {
            let assert = place.tool([tool, "--data", "idx", "--data-dir", "few"]);
            assert_fails(assert, &["from few: found no ", says, "take another data set"]);
        }
    };
    fails("digits 0 to 4 among the first twelfth");
    sorted[8..].fill(9);
    fs::write(&labels, &sorted).unwrap();
    fails("image of a 0 to train on");
    assert!(!place.path("runs").exists(), "a run folder was made all the same");
}
