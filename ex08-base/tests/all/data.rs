//! Digits that cannot be had: each case is an error that names the file or folder and what to do.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::common::{Place, assert_fails, stderr, stdout};
use flate2::Compression;
use flate2::write::GzEncoder;
use predicates::prelude::*;

const TRAIN_IMAGES: &str = "train-images-idx3-ubyte.gz";

/// Writes four files of MNIST's form; the label of a row comes from `label`, and its pixels all have the label's value.
fn write_idx(folder: &Path, label: fn(u32) -> u8) {
    fs::create_dir_all(folder).unwrap();
    for (name, rows) in [("train", 60_000), ("t10k", 10_000)] {
        let labels: Vec<u8> = (0..rows).map(label).collect();
        let file = |kind: &str, header: &[u32], bytes: &mut dyn Iterator<Item = u8>| {
            let file = File::create(folder.join(format!("{name}-{kind}-ubyte.gz"))).unwrap();
            let mut gzip = GzEncoder::new(file, Compression::fast());
            let header: Vec<u8> = header.iter().flat_map(|number| number.to_be_bytes()).collect();
            gzip.write_all(&header).unwrap();
            gzip.write_all(&bytes.collect::<Vec<u8>>()).unwrap();
            gzip.finish().unwrap();
        };
        file("labels-idx1", &[0x801, rows], &mut labels.iter().copied());
        file("images-idx3", &[0x803, rows, 28, 28], &mut labels.iter().flat_map(|&label| [label * 20; 784]));
    }
}

/// One row in a hundred is a digit from 0 to 4, so that an epoch takes no time.
fn few_small_digits(row: u32) -> u8 {
    (row % 5) as u8 + if row % 100 < 5 { 0 } else { 5 }
}

#[test]
fn a_folder_without_the_files_is_an_error() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    fs::write(place.path("file"), "").unwrap();
    for source in ["auto", "mnist", "idx"] {
        for folder in ["missing", "empty", "file"] {
            let assert = place.run(["--quick", "--data", source, "--data-dir", folder]);
            assert_fails(assert, &[&format!("{folder}: "), "train-images-idx3-ubyte", "put the four"]);
        }
    }
    let mut command = place.command(["--quick"]);
    command.env("MNIST_DIR", "from-the-environment");
    assert_fails(assert_cmd::Command::from_std(command).assert(), &["from-the-environment: ", "no such folder"]);
    assert!(!place.path("runs").exists(), "a run folder was made all the same");
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_read_is_not_called_empty() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    ch11_testing::write_idx(&place.path("locked"), 240, 20);
    let allow = |mode| fs::set_permissions(place.path("locked"), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o000);
    let command = place.command(["a", "--data", "idx", "--data-dir", "locked"]);
    let Some(command) = crate::common::bound_by_permissions(&place, command) else { return };
    let assert = assert_cmd::Command::from_std(command).assert();
    allow(0o755);
    assert_fails(assert, &["locked: cannot read", "Permission denied"]);
}

#[test]
fn damaged_files_are_errors_that_name_them() {
    let place = Place::new();
    write_idx(&place.path("digits"), few_small_digits);
    let path = place.path("digits").join(TRAIN_IMAGES);
    let whole = fs::read(&path).unwrap();
    let fails = |says: &[&str]| {
        for source in ["auto", "mnist", "idx"] {
            let assert = place.run(["--quick", "--data", source, "--data-dir", "digits"]);
            assert_fails(assert, &[&["digits", "train-images-idx3-ubyte"], says].concat());
        }
    };
    fs::write(&path, "").unwrap();
    fails(&[TRAIN_IMAGES, "empty", "fetch the file again"]);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    fails(&[TRAIN_IMAGES, "cut short", "fetch the file again"]);
    fs::write(&path, "<html>not found</html>").unwrap();
    fails(&[TRAIN_IMAGES, "not gzip", "fetch the file again"]);
    fs::remove_file(&path).unwrap();
    fails(&["put the four"]);
    assert!(!place.path("runs").exists(), "a run folder was made all the same");
}

#[test]
fn files_that_are_not_mnist_are_taken_as_idx_only() {
    let place = Place::new();
    write_idx(&place.path("digits"), few_small_digits);
    let assert = place.run(["--quick", "--data", "mnist", "--data-dir", "digits"]);
    assert_fails(assert, &["SHA-256", "--data idx --data-dir DIR"]);

    let flags = ["b", "--quick", "--epochs", "2", "--data", "idx", "--data-dir", "digits"];
    let text = stdout(&place.run(flags).success());
    // One row in a hundred of each digit from 0 to 4; the first 5,000 of 60,000 rows are for validation.
    assert!(text.contains("dataset: IDX files (not checked to be MNIST), from digits"), "{text}");
    assert!(text.contains("2,750 train, 250 validation, 500 test"), "{text}");
    assert_fails(
        place.train(["--epochs", "3", "--resume"]),
        &["the data IDX files", "synthetic digits", "without --resume"],
    );
}

#[test]
fn peoples_own_digits_may_be_few_or_many() {
    let place = Place::new();
    let run = |folder: &str| place.run(["b", "--quick", "--epochs", "1", "--data", "idx", "--data-dir", folder]);
    for (training, test, says) in [
        (240, 20, "110 train, 10 validation, 10 test; for validation, the first twelfth"),
        (70_800, 11, "32,450 train, 2,950 validation, 6 test; for validation, the first twelfth"),
    ] {
        ch11_testing::write_idx(&place.path("own"), training, test);
        let text = stdout(&run("own").success());
        assert!(text.contains(says), "{text}");
    }
    ch11_testing::write_idx(&place.path("few"), 240, 4);
    assert_fails(
        run("few"),
        &["from few: found no image of a 4 to test on, expected one at least of each of the digits 0 to 4"],
    );
    ch11_testing::write_idx(&place.path("few"), 11, 10);
    assert_fails(run("few"), &["found no digits 0 to 4 among the first twelfth", "another data set"]);
}

#[test]
fn digits_that_no_validation_image_shows_are_named() {
    let place = Place::new();
    ch11_testing::write_idx(&place.path("own"), 240, 20);
    let run = || stderr(&place.run(["b", "--quick", "--epochs", "1", "--data", "idx", "--data-dir", "own"]).success());
    assert!(!run().contains("no image"), "each of the ten is among the first twenty");
    let labels = place.path("own/train-labels-idx1-ubyte");
    let mut sorted = fs::read(&labels).unwrap();
    sorted[8..].sort_unstable();
    fs::write(&labels, sorted).unwrap();
    let text = run();
    assert!(text.contains("from own: the first twelfth") && text.contains("has no image of 1, 2, 3, 4; put"), "{text}");
}

#[test]
fn a_data_set_without_the_digits_of_the_exercise_is_an_error() {
    let place = Place::new();
    write_idx(&place.path("large"), |row| 5 + (row % 5) as u8);
    let assert = place.run(["--quick", "--data", "idx", "--data-dir", "large"]);
    assert_fails(assert, &["digits 0 to 4", "from large", "another data set"]);
}

#[test]
fn mnist_that_is_nowhere_is_an_error_only_if_nothing_else_will_do() {
    let place = Place::new();
    assert_fails(place.run(["a", "--data", "mnist"]), &["--data-dir DIR", "--data synthetic", "--offline"]);
    assert_fails(place.run(["a", "--data", "idx"]), &["--data idx", "--data-dir DIR"]);
    place
        .run(["a", "--quick"])
        .success()
        .stdout(predicate::str::contains("dataset: synthetic digits (not MNIST)"))
        .stderr(predicate::str::contains("Using synthetic digits (not MNIST) instead."));
}

#[cfg(unix)]
#[test]
fn folders_of_digits_may_have_any_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new();
    let names = [OsStr::new("with a space"), OsStr::from_bytes(b"not utf-8 \xff")];
    let flags = |name| ["a", "--data", "idx", "--data-dir"].map(OsStr::new).into_iter().chain([name]);
    for name in names {
        let missing = error_of(&place, flags(name));
        assert!(missing.contains(&ch11_core::shown(name)), "{missing}");
        write_idx(&place.path(name), few_small_digits);
        place.run(flags(name)).success();
    }
}

#[cfg(unix)]
fn error_of<'a>(place: &Place, flags: impl Iterator<Item = &'a std::ffi::OsStr>) -> String {
    let assert = place.run(flags).code(1);
    stderr(&assert)
}
