//! Folders that are in order, wherever they are and however their files are kept, and folders that lack a file.

use std::fs;

use tempfile::tempdir;

use super::fixtures::{fill, load_folder as load, plain, request};
use crate::Error;
use crate::data::idx::FORMS;
use crate::data::{Choice, Origin, Source};

const TEST_IMAGES: usize = 2;
const TEST_LABELS: usize = 3;

#[test]
fn the_first_5000_training_images_are_for_validation() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let digits = load(Choice::Mnist, folder.path()).unwrap();
    assert_eq!((digits.source, digits.origin), (Source::Mnist, Origin::Folder(folder.path().to_owned())));
    assert_eq!((digits.train.len(), digits.validation.len(), digits.test.len()), (55_000, 5_000, 10_000));
    let mut pixels = Vec::new();
    for (set, row, row_in_file) in
        [(&digits.validation, 0, 0), (&digits.train, 0, 5_000), (&digits.train, 54_999, 59_999)]
    {
        set.gather(&[row], &mut pixels);
        assert_eq!(pixels[..], [(row_in_file % 251) as f32 / 255.0; 784]);
        assert_eq!(usize::from(set.labels()[row]), row_in_file % 10);
    }
    digits.test.gather(&[9_999], &mut pixels);
    assert_eq!(pixels[783], (9_999 % 251) as f32 / 255.0);
}

#[test]
fn only_some_digits_are_kept_in_all_three_sets() {
    let digits = request().synthetic.draw();
    let five_to_nine = digits.only(5..=9);
    let counts = |set: &crate::data::Dataset<784>| set.class_counts();
    for (all, kept) in [
        (&digits.train, &five_to_nine.train),
        (&digits.validation, &five_to_nine.validation),
        (&digits.test, &five_to_nine.test),
    ] {
        assert_eq!(counts(all)[5..], counts(kept));
    }
}

#[test]
fn plain_files_come_before_gzipped_ones_and_torchvisions_folder_is_known() {
    let root = tempdir().unwrap();
    let raw = root.path().join("MNIST").join("raw");
    fill(&raw);
    for (index, form) in FORMS.iter().enumerate() {
        fs::write(raw.join(form.name), plain(index)).unwrap();
        fs::write(raw.join(format!("{}.gz", form.name)), "not read").unwrap();
    }
    let digits = load(Choice::Mnist, root.path()).unwrap();
    assert_eq!(digits.origin.to_string(), format!("from {}", root.path().display()));
}

#[test]
fn a_gzipped_file_without_its_ending_and_a_plain_one_with_it_are_read() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let images = folder.path().join(FORMS[TEST_IMAGES].name);
    fs::rename(images.with_extension("gz"), &images).unwrap();
    fs::write(folder.path().join(format!("{}.gz", FORMS[TEST_LABELS].name)), plain(TEST_LABELS)).unwrap();
    load(Choice::Mnist, folder.path()).unwrap();
}

#[test]
fn paths_may_have_spaces() {
    let root = tempdir().unwrap();
    let folder = root.path().join("my digits");
    fill(&folder);
    load(Choice::Mnist, &folder).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn paths_need_not_be_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let root = tempdir().unwrap();
    let folder = root.path().join(std::ffi::OsStr::from_bytes(b"digits \xff"));
    fill(&folder);
    load(Choice::Mnist, &folder).unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let root = tempdir().unwrap();
    let error = load(Choice::Auto, &root.path().join("nowhere")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("nowhere: expected train-images-idx3-ubyte or train-images-idx3-ubyte.gz, found no such folder"),
        "{error}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    match load(Choice::Auto, folder.path()).unwrap_err() {
        Error::MissingFile { file, .. } => assert_eq!(file, "t10k-labels-idx1-ubyte"),
        error => panic!("{error}"),
    }
}
