//! From four checked files to three sets of digits.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mnist::{Mnist, MnistBuilder};

use super::check::IdxFile;
use super::idx::{Checksums, FORMS};
use super::{Dataset, Digits, Origin, PIXELS, Source};
use crate::{Error, Result};

const CLASSES: usize = 10;
const VALIDATION_IMAGES: u32 = 5_000;

/// Checks the four files and parses them; without `sha256`, they need not be MNIST.
///
/// The `mnist` crate reads plain files and panics at anything unexpected. So each file is copied, inflated and checked
/// on the way, into a private temporary folder; the crate sees only that.
pub(super) fn parse(files: &[PathBuf; 4], sha256: Option<&Checksums>, origin: Origin) -> Result<Digits> {
    let staging = tempfile::Builder::new()
        .prefix("ch11-")
        .tempdir()
        .map_err(Error::io("create a temporary folder there (TMPDIR names another place)", std::env::temp_dir()))?;
    let (train, test) =
        rayon::join(|| stage(files, sha256, 0, staging.path()), || stage(files, sha256, 2, staging.path()));
    train?;
    test?;
    let Mnist { trn_img, trn_lbl, val_img, val_lbl, tst_img, tst_lbl } = read_staged(staging.path())?;
    Ok(Digits {
        source: if sha256.is_some() { Source::Mnist } else { Source::Idx },
        origin,
        train: dataset(val_img, val_lbl),
        validation: dataset(trn_img, trn_lbl),
        test: dataset(tst_img, tst_lbl),
    })
}

/// Stages the images at `first` and the labels that go with them.
fn stage(files: &[PathBuf; 4], sha256: Option<&Checksums>, first: usize, folder: &Path) -> Result<()> {
    let images = IdxFile::open(&files[first], &FORMS[first])?;
    let labels = IdxFile::open(&files[first + 1], &FORMS[first + 1])?;
    if images.count() != labels.count() {
        return Err(Error::CountMismatch {
            images: files[first].clone(),
            image_count: images.count(),
            labels: files[first + 1].clone(),
            label_count: labels.count(),
        });
    }
    for (index, file) in [(first, images), (first + 1, labels)] {
        let path = folder.join(FORMS[index].name);
        let copy = File::create(&path).map_err(Error::io("create", &path))?;
        file.copy_to(copy, &path, sha256.map(|sha256| sha256[index].as_str()))?;
    }
    Ok(())
}

/// Has the crate cut the staged files: its first set is the reference's validation set, its second the training set.
fn read_staged(folder: &Path) -> Result<Mnist> {
    let base_path = folder.to_str().ok_or_else(|| Error::TemporaryFolderNotUtf8 { path: folder.to_owned() })?;
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        MnistBuilder::new()
            .base_path(base_path)
            .label_format_digit()
            .training_set_length(VALIDATION_IMAGES)
            .validation_set_length(FORMS[0].count - VALIDATION_IMAGES)
            .test_set_length(FORMS[2].count)
            .finalize()
    }));
    parsed.map_err(|panic| {
        let message =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Error::Parser { message: message.unwrap_or_default() }
    })
}

/// The crate cuts its sets from one vector, whose spare capacity would stay with the first of them.
fn dataset(mut pixels: Vec<u8>, mut labels: Vec<u8>) -> Dataset<PIXELS> {
    pixels.shrink_to_fit();
    labels.shrink_to_fit();
    Dataset::from_pixels(pixels, labels, CLASSES)
}
