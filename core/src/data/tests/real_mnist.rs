//! MNIST itself, if `MNIST_DIR` says where it is.

use std::path::{Path, PathBuf};

use super::fixtures::{places, request};
use crate::data::idx::mnist_checksums;
use crate::data::load::load_from;
use crate::data::places::Places;
use crate::data::{Choice, Request, Silent, Source};

/// Counts of `read_data_sets` in TensorFlow, whose split the reference notebook uses.
#[test]
fn mnist_is_split_as_in_the_reference() {
    let Some(folder) = std::env::var_os("MNIST_DIR").map(PathBuf::from) else {
        eprintln!("skipped: MNIST_DIR does not name a folder that holds MNIST");
        return;
    };
    let request = Request { choice: Choice::Mnist, folder: Some(folder), ..request() };
    let places = Places { sha256: mnist_checksums(), ..places(Path::new("no cache is needed")) };
    let digits = load_from(&places, &request, &Silent).unwrap();
    assert_eq!(digits.source, Source::Mnist);
    for (labels, counts) in [(0..=4, (28_038, 2_558, 5_139)), (5..=9, (26_962, 2_442, 4_861))] {
        let some = digits.clone().only(labels);
        assert_eq!((some.train.len(), some.validation.len(), some.test.len()), counts);
    }
    assert_eq!(digits.validation.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(digits.test.labels()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
}
