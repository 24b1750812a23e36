//! Folders that are in order, wherever they are and however their files are kept, and folders that lack a file.

use std::fs;

use tempfile::tempdir;

use super::fixtures::{GZIPPED, fill, gzip, header, load_folder as load, plain, request};
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
    let five_to_nine = digits.clone().only(5..=9);
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

/// Puts each of the four gzipped files where `path` says, inflated unless its name ends in `.gz`.
fn laid_out(path: impl Fn(&str) -> String) -> tempfile::TempDir {
    let root = tempdir().unwrap();
    for (index, form) in FORMS.iter().enumerate() {
        let path = root.path().join(path(form.name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let gzipped = path.to_string_lossy().to_lowercase().ends_with(".gz");
        fs::write(path, if gzipped { GZIPPED[index].clone() } else { plain(index) }).unwrap();
    }
    root
}

#[test]
fn usual_names_and_layouts_are_known() {
    let with_a_dot = |name: &str| name.replace("-idx", ".idx");
    let layouts: [&dyn Fn(&str) -> String; 11] = [
        &|name| format!("{name}/{name}"),
        &|name| format!("{name}/{}", with_a_dot(name)),
        &|name| format!("{name}/{name}.gz"),
        &|name| with_a_dot(name),
        &|name| format!("{}.gz", with_a_dot(name)),
        &|name| name.to_uppercase() + ".GZ",
        &|name| name.replace('-', "_"),
        &|name| name.replace("t10k", "test"),
        &|name| format!("archive/mnist/{name}"),
        &|name| format!("raw/{name}.gz"),
        &|name| format!("emnist-mnist-{}.gz", name.replace("t10k", "test")),
    ];
    for layout in layouts {
        let root = laid_out(layout);
        for choice in [Choice::Mnist, Choice::Idx] {
            let digits = load(choice, root.path());
            let digits = digits.unwrap_or_else(|error| panic!("{}: {error}", layout(FORMS[0].name)));
            assert_eq!((digits.train.len(), digits.test.len()), (55_000, 10_000), "{}", layout(FORMS[0].name));
        }
    }
}

#[test]
fn mnist_is_known_by_its_contents_whatever_it_is_called() {
    let names = ["a.bin", "b.bin", "c.bin", "d.bin"];
    let root = laid_out(|name| names[FORMS.iter().position(|form| form.name == name).unwrap()].to_owned());
    assert_eq!(load(Choice::Mnist, root.path()).unwrap().source, Source::Mnist);
}

#[test]
fn a_stray_file_hides_no_whole_set_and_an_odd_name_no_file() {
    let root = laid_out(|name| format!("MNIST/raw/{name}.gz"));
    fs::write(root.path().join("train-images-idx3-ubyte.gz"), "a stray one").unwrap();
    load(Choice::Mnist, root.path()).unwrap();

    let root =
        laid_out(
            |name| {
                if name.contains("labels") { name.split("-idx").next().unwrap().to_owned() } else { name.to_owned() }
            },
        );
    load(Choice::Idx, root.path()).unwrap();
    let small = tempdir().unwrap();
    for (index, name) in ["train-images", "train-labels", "test-images", "test-labels"].into_iter().enumerate() {
        let bytes = if index % 2 == 0 { vec![7; 24 * 784] } else { vec![3; 24] };
        fs::write(small.path().join(name), [header(index, 24), bytes].concat()).unwrap();
    }
    assert_eq!(load(Choice::Idx, small.path()).unwrap().test.len(), 24);
}

#[test]
fn an_archive_that_holds_everything_twice_is_read() {
    let root = laid_out(|name| format!("{name}/{name}"));
    for (index, form) in FORMS.iter().enumerate() {
        fs::write(root.path().join(form.name.replace("-idx", ".idx")), plain(index)).unwrap();
    }
    load(Choice::Idx, root.path()).unwrap();
}

#[test]
fn of_two_data_sets_mnist_is_taken_and_otherwise_one_must_be_named() {
    let root = laid_out(|name| format!("mnist/{name}.gz"));
    let fashion = root.path().join("fashion");
    fill(&fashion);
    let mut other = plain(TEST_LABELS);
    other[8] = 9;
    fs::write(fashion.join("t10k-labels-idx1-ubyte.gz"), gzip(&other)).unwrap();
    assert_eq!(load(Choice::Mnist, root.path()).unwrap().source, Source::Mnist);
    let error = load(Choice::Idx, root.path()).unwrap_err().to_string();
    for part in ["fashion/t10k-labels-idx1-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz", "name the folder"] {
        assert!(error.contains(part), "{error}");
    }

    // Two copies of one set are one.
    fill(&fashion);
    assert_eq!(load(Choice::Idx, root.path()).unwrap().test.len(), 10_000);
    fs::write(fashion.join("t10k-labels-idx1-ubyte.gz"), gzip(&other)).unwrap();

    // Two files of one folder, of which neither has the usual name.
    fs::write(fashion.join("digits-test-labels-idx1-ubyte.gz"), gzip(&plain(TEST_LABELS))).unwrap();
    fs::rename(fashion.join("t10k-labels-idx1-ubyte.gz"), fashion.join("t10k-labels.idx1-ubyte.gz")).unwrap();
    let error = load(Choice::Idx, &fashion).unwrap_err().to_string();
    assert!(error.contains("digits-test-labels-idx1-ubyte.gz and t10k-labels.idx1-ubyte.gz, which differ"), "{error}");
}

#[test]
fn zero_bytes_after_gzip_data_are_padding_and_other_bytes_are_not() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let path = folder.path().join(format!("{}.gz", FORMS[TEST_LABELS].name));
    let padded = [&GZIPPED[TEST_LABELS][..], &[0; 10_000]].concat();
    fs::write(&path, &padded).unwrap();
    load(Choice::Mnist, folder.path()).unwrap();
    fs::write(&path, [&padded[..], b"x"].concat()).unwrap();
    let error = load(Choice::Mnist, folder.path()).unwrap_err().to_string();
    let says = "t10k-labels-idx1-ubyte.gz: expected whole gzip data, found other bytes after the gzip data";
    assert!(error.contains(says), "{error}");
    fs::write(&path, gzip(&GZIPPED[TEST_LABELS])).unwrap();
    let error = load(Choice::Mnist, folder.path()).unwrap_err().to_string();
    assert!(error.contains("found gzip data again; inflate it once"), "{error}");
}

#[test]
fn any_number_of_images_is_read_and_one_in_twelve_of_the_first_is_for_validation() {
    // One folder of the parser, less, more, and several.
    for (training, test) in [(24, 10), (11, 1), (60_001, 12_345), (100_000, 50_000)] {
        let folder = tempdir().unwrap();
        for (index, form) in FORMS.iter().enumerate() {
            let count = if index < 2 { training } else { test };
            let mut bytes = header(index, count);
            let row = |row: u32| if index % 2 == 1 { vec![(row % 7) as u8] } else { vec![(row % 251) as u8; 784] };
            (0..count).for_each(|number| bytes.extend(row(number)));
            fs::write(folder.path().join(form.name), bytes).unwrap();
        }
        let digits = load(Choice::Idx, folder.path()).unwrap();
        let (training, validation, test) = (training as usize, training as usize / 12, test as usize);
        let sets =
            [(&digits.validation, 0, validation), (&digits.train, validation, training), (&digits.test, 0, test)];
        for (set, from, to) in sets {
            assert_eq!(set.len(), to - from);
            let mut pixels = Vec::new();
            for row in from..to {
                set.gather(&[row - from], &mut pixels);
                assert_eq!(set.labels()[row - from], (row % 7) as u8);
                assert!(pixels[0] == pixels[783] && pixels[783] == (row % 251) as f32 / 255.0, "row {row}");
            }
        }
    }
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
