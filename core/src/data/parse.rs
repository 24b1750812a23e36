//! From four checked files to three sets of digits.

use std::path::PathBuf;

use super::check::IdxFile;
use super::digits::TRAINING_IMAGES_PER_VALIDATION_IMAGE;
use super::idx::{Checksums, FORMS};
use super::staged::Staged;
use super::{Dataset, Digits, Origin, PIXELS, Progress, Source};
use crate::{Error, Result};

const CLASSES: usize = 10;

/// Checks the four files and parses them. Without `sha256`, they need not be MNIST, and may have any number of images.
///
/// The `mnist` crate reads plain files and panics at anything unexpected. So each file is copied into a private
/// temporary folder, inflated and checked on the way, and the crate reads only the copies.
pub(super) fn parse(
    files: &[PathBuf; 4],
    sha256: Option<&Checksums>,
    origin: Origin,
    progress: &dyn Progress,
) -> Result<Digits> {
    let (training, test) = (Pair::open(files, 0)?, Pair::open(files, 2)?);
    let counts = [training.count, test.count];
    let staged = Staged::new(progress)?;
    let (train, test) = rayon::join(|| training.copy(&staged, 0, sha256), || test.copy(&staged, counts[0], sha256));
    // A copy that was stopped is not an error of the disk.
    if progress.wants_to_stop() {
        return Err(Error::Stopped);
    }
    train?;
    test?;
    let (mut pixels, mut labels) = staged.parse(counts[0] + counts[1])?;
    let mut cut_off = |from: usize| dataset(pixels.split_off(from * PIXELS), labels.split_off(from));
    let test = cut_off(counts[0]);
    let train = cut_off(counts[0] / TRAINING_IMAGES_PER_VALIDATION_IMAGE);
    Ok(Digits {
        source: if sha256.is_some() { Source::Mnist } else { Source::Idx },
        origin,
        train,
        validation: dataset(pixels, labels),
        test,
    })
}

/// A file of images, number `first` in the order of [`FORMS`], and the file of its labels.
struct Pair<'a> {
    first: usize,
    paths: &'a [PathBuf],
    count: usize,
}

impl<'a> Pair<'a> {
    fn open(paths: &'a [PathBuf; 4], first: usize) -> Result<Self> {
        let paths = &paths[first..first + 2];
        let count = |at: usize| IdxFile::open(&paths[at], &FORMS[first + at]).map(|file| file.count());
        let (image_count, label_count) = (count(0)?, count(1)?);
        if image_count != label_count {
            let (images, labels) = (paths[0].clone(), paths[1].clone());
            return Err(Error::CountMismatch { images, image_count, labels, label_count });
        }
        Ok(Self { first, paths, count: image_count as usize })
    }

    /// Copies the rows to the staged ones from number `to` on.
    fn copy(&self, staged: &Staged<'_>, to: usize, sha256: Option<&Checksums>) -> Result<()> {
        for (index, path) in (self.first..).zip(self.paths) {
            let (form, sha256) = (&FORMS[index], sha256.map(|sha256| sha256[index].as_str()));
            IdxFile::open(path, form)?.copy_to(staged.rows(form, to), staged.path(), sha256)?;
        }
        Ok(())
    }
}

/// Makes a dataset without spare capacity.
fn dataset(mut pixels: Vec<u8>, mut labels: Vec<u8>) -> Dataset<PIXELS> {
    pixels.shrink_to_fit();
    labels.shrink_to_fit();
    Dataset::from_pixels(pixels, labels, CLASSES)
}
