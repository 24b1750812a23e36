//! Folders with one file that is not what it should be.

use std::fs;
use std::io;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, proptest};
use tempfile::tempdir;

use super::fixtures::{GZIPPED, fill, gzip, header, load_folder as load, plain};
use crate::Error;
use crate::data::check::IdxFile;
use crate::data::idx::FORMS;
use crate::data::{Choice, Source};

const TEST_IMAGES: usize = 2;
const TEST_LABELS: usize = 3;

/// Puts `bytes` in the place of one gzipped file and returns the error of loading the folder; it must be about that
/// file.
fn damage(index: usize, bytes: &[u8]) -> (String, String) {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let damaged = folder.path().join(format!("{}.gz", FORMS[index].name));
    fs::write(&damaged, bytes).unwrap();
    match load(Choice::Auto, folder.path()).unwrap_err() {
        Error::DamagedFile { path, expected, found, .. } => {
            assert_eq!(path, damaged);
            (expected, found)
        }
        error => panic!("{error}"),
    }
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(damage(TEST_LABELS, b""), ("an IDX file of labels".into(), "an empty file".into()));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    fs::create_dir(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    let error = load(Choice::Auto, folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("t10k-labels-idx1-ubyte.gz, found a folder of that name without the file in it; put"),
        "{error}"
    );
}

#[test]
fn a_page_of_a_web_site_is_refused() {
    let found = "not gzip: it starts with `<!DOCTYPE html>\\n`";
    assert_eq!(damage(TEST_IMAGES, b"<!DOCTYPE html>\n<html>"), ("gzip data".into(), found.into()));
    let page = io::Cursor::new(b"<!DOCTYPE html>\n<html>");
    let error = IdxFile::read(page, Path::new("T10K-IMAGES-IDX3-UBYTE.GZ"), &FORMS[TEST_IMAGES]).err().unwrap();
    assert!(error.to_string().contains(found), "{error}");
}

#[test]
fn gzip_cut_in_half_is_refused() {
    for index in 0..4 {
        let half = GZIPPED[index].len() / 2;
        assert_eq!(damage(index, &GZIPPED[index][..half]), ("whole gzip data".into(), "gzip data cut short".into()));
    }
}

#[test]
fn gzip_cut_within_its_last_eight_bytes_or_with_a_wrong_check_value_is_refused() {
    let bytes = &GZIPPED[TEST_LABELS];
    let (expected, found) = damage(TEST_LABELS, &bytes[..bytes.len() - 1]);
    assert_eq!((expected.as_str(), found.as_str()), ("whole gzip data", "gzip data cut short"));
    let mut wrong = bytes.clone();
    let check_value = wrong.len() - 8;
    wrong[check_value] ^= 1;
    assert_eq!(damage(TEST_LABELS, &wrong).0, "whole gzip data");
}

#[test]
fn a_file_shorter_than_its_header_is_refused() {
    let expected = "a header of 16 bytes".to_owned();
    assert_eq!(damage(TEST_IMAGES, &header(TEST_IMAGES, 10_000)[..15]), (expected, "15 bytes".into()));
}

#[test]
fn a_file_shorter_or_longer_than_announced_is_refused() {
    let mut bytes = plain(TEST_IMAGES);
    bytes.push(0);
    assert_eq!(damage(TEST_IMAGES, &gzip(&bytes)), ("7840016 bytes".into(), "more".into()));
    bytes.truncate(bytes.len() - 2);
    assert_eq!(damage(TEST_IMAGES, &gzip(&bytes)), ("7840016 bytes".into(), "7840015".into()));
}

#[test]
fn labels_in_the_place_of_images_are_refused() {
    let (expected, found) = damage(TEST_IMAGES, &GZIPPED[TEST_LABELS]);
    assert_eq!((expected.as_str(), found.as_str()), ("the magic number 0x00000803", "0x00000801"));
}

#[test]
fn images_of_another_size_are_refused() {
    let mut bytes = plain(TEST_IMAGES);
    bytes[15] = 32;
    assert_eq!(damage(TEST_IMAGES, &gzip(&bytes)), ("images of 28 x 28 pixels".into(), "28 x 32".into()));
}

#[test]
fn a_label_of_11_is_refused_with_its_row() {
    let mut bytes = plain(TEST_LABELS);
    bytes[8 + 7_654] = 11;
    assert_eq!(damage(TEST_LABELS, &gzip(&bytes)), ("labels from 0 to 9".into(), "11 in row 7654".into()));
}

#[test]
fn as_many_labels_as_images_are_wanted() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let mut bytes = header(TEST_LABELS, 9_999);
    bytes.extend(vec![0; 9_999]);
    fs::write(folder.path().join("t10k-labels-idx1-ubyte.gz"), gzip(&bytes)).unwrap();
    match load(Choice::Auto, folder.path()).unwrap_err() {
        Error::CountMismatch { images, image_count: 10_000, labels, label_count: 9_999 } => {
            assert_eq!(images, folder.path().join("t10k-images-idx3-ubyte.gz"));
            assert_eq!(labels, folder.path().join("t10k-labels-idx1-ubyte.gz"));
        }
        error => panic!("{error}"),
    }
}

#[test]
fn mnist_has_as_many_images_as_it_has_and_other_sets_have_some() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let error = |choice, count| {
        for index in [TEST_IMAGES, TEST_LABELS] {
            fs::write(folder.path().join(format!("{}.gz", FORMS[index].name)), gzip(&header(index, count))).unwrap();
        }
        load(choice, folder.path()).unwrap_err().to_string()
    };
    let of_mnist = error(Choice::Mnist, 9_999);
    assert!(of_mnist.contains("t10k-images-idx3-ubyte.gz: expected 10000 images, found 9999; "), "{of_mnist}");
    assert!(of_mnist.contains("--data idx"), "{of_mnist}");
    for count in [0, 2_000_001, u32::MAX] {
        let of_others = error(Choice::Idx, count);
        let says = format!("t10k-images-idx3-ubyte.gz: expected from 1 to 2000000 images, found {count}; take");
        assert!(of_others.contains(&says), "{of_others}");
    }
    let cut_short = error(Choice::Idx, 9_999);
    assert!(cut_short.contains("expected 7839232 bytes, found 16"), "{cut_short}");
}

#[test]
fn other_contents_of_the_same_form_are_idx_but_not_mnist() {
    let mut bytes = plain(TEST_LABELS);
    bytes[8] = 9;
    let (expected, found) = damage(TEST_LABELS, &gzip(&bytes));
    assert!(expected.starts_with("MNIST's own contents (SHA-256 ") && found.starts_with("SHA-256 "));

    let folder = tempdir().unwrap();
    fill(folder.path());
    fs::write(folder.path().join("t10k-labels-idx1-ubyte.gz"), gzip(&bytes)).unwrap();
    let error = load(Choice::Mnist, folder.path()).unwrap_err();
    assert!(error.to_string().contains("--data idx"), "{error}");
    let digits = load(Choice::Idx, folder.path()).unwrap();
    assert_eq!((digits.source, digits.test.labels()[0]), (Source::Idx, 9));
}

proptest! {
    #[test]
    fn no_bytes_make_the_check_panic(bytes in vec(any::<u8>(), 0..40), headed: bool, gzipped: bool, index in 0..4_usize) {
        let mut file = if headed { header(index, FORMS[index].count) } else { Vec::new() };
        file.extend(bytes);
        let file = if gzipped { gzip(&file) } else { file };
        let checked = IdxFile::read(io::Cursor::new(file), Path::new("some.gz"), &FORMS[index])
            .and_then(|file| file.check(None));
        let refused = matches!(checked, Err(Error::DamagedFile { .. }));
        prop_assert!(refused);
    }
}
