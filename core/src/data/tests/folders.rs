//! Folders that are in order, and folders that are not.

use std::cell::Cell;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::{Compress, Compression, FlushCompress};
use tempfile::tempdir;

use super::fixtures::{GZIPPED, fill, gzip, header, places, plain, request};
use crate::data::check::IdxFile;
use crate::data::idx::FORMS;
use crate::data::load::load_from;
use crate::data::{Choice, Digits, Origin, Request, Silent, Source};
use crate::{Error, Result};

const TEST_IMAGES: usize = 2;
const TEST_LABELS: usize = 3;

fn load(choice: Choice, folder: &Path) -> Result<Digits> {
    let request = Request {
        choice,
        folder: Some(folder.to_owned()),
        ..request()
    };
    load_from(&places(Path::new("no cache is needed")), &request, &Silent)
}

/// Puts `bytes` in the place of one gzipped file and returns the error of loading the folder; it must be about that file.
fn damage(index: usize, bytes: &[u8]) -> (String, String) {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let damaged = folder.path().join(format!("{}.gz", FORMS[index].name));
    fs::write(&damaged, bytes).unwrap();
    match load(Choice::Auto, folder.path()).unwrap_err() {
        Error::DamagedFile {
            path, expected, found, ..
        } => {
            assert_eq!(path, damaged);
            (expected, found)
        }
        error => panic!("{error}"),
    }
}

#[test]
fn the_first_5000_training_images_are_for_validation() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let digits = load(Choice::Mnist, folder.path()).unwrap();
    assert_eq!(
        (digits.source, digits.origin),
        (Source::Mnist, Origin::Folder(folder.path().to_owned()))
    );
    assert_eq!(
        (digits.train.len(), digits.validation.len(), digits.test.len()),
        (55_000, 5_000, 10_000)
    );
    let mut pixels = Vec::new();
    for (set, row, row_in_file) in [
        (&digits.validation, 0, 0),
        (&digits.train, 0, 5_000),
        (&digits.train, 54_999, 59_999),
    ] {
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
    for index in 0..4 {
        fs::write(raw.join(FORMS[index].name), plain(index)).unwrap();
        fs::write(raw.join(format!("{}.gz", FORMS[index].name)), "not read").unwrap();
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
    fs::write(
        folder.path().join(format!("{}.gz", FORMS[TEST_LABELS].name)),
        plain(TEST_LABELS),
    )
    .unwrap();
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
    assert!(error.to_string().contains("nowhere: no such folder"), "{error}");
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

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(damage(TEST_LABELS, b""), ("10008 bytes".into(), "an empty file".into()));
}

#[test]
fn a_page_of_a_web_site_is_refused() {
    let found = "not gzip: it starts with `<!DOCTYPE html>\\n`";
    assert_eq!(
        damage(TEST_IMAGES, b"<!DOCTYPE html>\n<html>"),
        ("gzip data".into(), found.into())
    );
}

#[test]
fn gzip_cut_in_half_is_refused() {
    for index in 0..4 {
        let half = GZIPPED[index].len() / 2;
        assert_eq!(
            damage(index, &GZIPPED[index][..half]),
            ("whole gzip data".into(), "gzip data cut short".into())
        );
    }
}

#[test]
fn gzip_cut_within_its_last_eight_bytes_or_with_a_wrong_check_value_is_refused() {
    let bytes = &GZIPPED[TEST_LABELS];
    let (expected, found) = damage(TEST_LABELS, &bytes[..bytes.len() - 1]);
    assert_eq!(
        (expected.as_str(), found.as_str()),
        ("whole gzip data", "gzip data cut short")
    );
    let mut wrong = bytes.clone();
    let check_value = wrong.len() - 8;
    wrong[check_value] ^= 1;
    assert_eq!(damage(TEST_LABELS, &wrong).0, "whole gzip data");
}

#[test]
fn a_file_shorter_than_its_header_is_refused() {
    assert_eq!(
        damage(TEST_IMAGES, &header(TEST_IMAGES, 10_000)[..15]),
        ("7840016 bytes".into(), "15 bytes".into())
    );
}

#[test]
fn a_file_shorter_or_longer_than_announced_is_refused() {
    let mut bytes = plain(TEST_IMAGES);
    bytes.push(0);
    assert_eq!(
        damage(TEST_IMAGES, &gzip(&bytes)),
        ("7840016 bytes".into(), "more".into())
    );
    bytes.truncate(bytes.len() - 2);
    assert_eq!(
        damage(TEST_IMAGES, &gzip(&bytes)),
        ("7840016 bytes".into(), "7840015".into())
    );
}

#[test]
fn labels_in_the_place_of_images_are_refused() {
    let (expected, found) = damage(TEST_IMAGES, &GZIPPED[TEST_LABELS]);
    assert_eq!(
        (expected.as_str(), found.as_str()),
        ("the magic number 0x00000803", "0x00000801")
    );
}

#[test]
fn images_of_another_size_are_refused() {
    let mut bytes = plain(TEST_IMAGES);
    bytes[15] = 32;
    assert_eq!(
        damage(TEST_IMAGES, &gzip(&bytes)),
        ("images of 28 x 28 pixels".into(), "28 x 32".into())
    );
}

#[test]
fn a_label_of_11_is_refused_with_its_row() {
    let mut bytes = plain(TEST_LABELS);
    bytes[8 + 7_654] = 11;
    assert_eq!(
        damage(TEST_LABELS, &gzip(&bytes)),
        ("labels from 0 to 9".into(), "11 in row 7654".into())
    );
}

#[test]
fn as_many_labels_as_images_are_wanted() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    let mut bytes = header(TEST_LABELS, 9_999);
    bytes.extend(vec![0; 9_999]);
    fs::write(folder.path().join("t10k-labels-idx1-ubyte.gz"), gzip(&bytes)).unwrap();
    match load(Choice::Auto, folder.path()).unwrap_err() {
        Error::CountMismatch {
            images,
            image_count: 10_000,
            labels,
            label_count: 9_999,
        } => {
            assert_eq!(images, folder.path().join("t10k-images-idx3-ubyte.gz"));
            assert_eq!(labels, folder.path().join("t10k-labels-idx1-ubyte.gz"));
        }
        error => panic!("{error}"),
    }
}

#[test]
fn as_many_images_as_in_mnist_are_wanted() {
    let folder = tempdir().unwrap();
    fill(folder.path());
    for index in [TEST_IMAGES, TEST_LABELS] {
        fs::write(
            folder.path().join(format!("{}.gz", FORMS[index].name)),
            gzip(&header(index, 9_999)),
        )
        .unwrap();
    }
    let error = load(Choice::Idx, folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("t10k-images-idx3-ubyte.gz: expected 10000 images, found 9999"),
        "{error}"
    );
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

/// A bomb of 10 GB: one gzip member whose deflate blocks are the same megabyte of zeros again and again.
struct Bomb {
    start: io::Cursor<Vec<u8>>,
    megabyte: Vec<u8>,
    position: usize,
    megabytes_left: usize,
    read_bytes: Rc<Cell<usize>>,
}

impl Bomb {
    fn new(index: usize) -> Self {
        let mut deflate = Compress::new(Compression::fast(), false);
        let mut block = |bytes: &[u8]| {
            let mut out = Vec::with_capacity(64 * 1024);
            deflate.compress_vec(bytes, &mut out, FlushCompress::Full).unwrap();
            out
        };
        let mut start = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        start.extend(block(&header(index, FORMS[index].count)));
        Self {
            start: io::Cursor::new(start),
            megabyte: block(&vec![0; 1_000_000]),
            position: 0,
            megabytes_left: 10_000,
            read_bytes: Rc::default(),
        }
    }
}

impl Read for Bomb {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.start.read(buffer)?;
        if bytes == 0 && self.megabytes_left > 0 {
            bytes = (&self.megabyte[self.position..]).read(buffer)?;
            self.position += bytes;
            if self.position == self.megabyte.len() {
                self.position = 0;
                self.megabytes_left -= 1;
            }
        }
        self.read_bytes.set(self.read_bytes.get() + bytes);
        Ok(bytes)
    }
}

/// Counts what is written.
struct Counter(u64);

impl io::Write for &mut Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_gzip_bomb_is_refused_one_byte_after_the_limit() {
    let bomb = Bomb::new(TEST_IMAGES);
    let megabyte = bomb.megabyte.len();
    let read_bytes = Rc::clone(&bomb.read_bytes);
    let file = IdxFile::read(bomb, &PathBuf::from("bomb.gz"), &FORMS[TEST_IMAGES]).unwrap();
    let mut counter = Counter(0);
    let error = file.copy_to(&mut counter, Path::new("nothing"), None).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("bomb.gz: expected 7840016 bytes, found more"),
        "{error}"
    );
    assert_eq!(counter.0, 7_840_016);
    let at_most = 9 * megabyte + 2 * 64 * 1024;
    assert!(
        read_bytes.get() <= at_most,
        "read {} bytes of gzip, {at_most} would do",
        read_bytes.get()
    );
}
