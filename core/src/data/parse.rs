//! From four files to three sets of digits.

use std::path::PathBuf;

use super::check::{IdxFile, ROWS_AT_ONCE};
use super::digits::TRAINING_IMAGES_PER_VALIDATION_IMAGE;
use super::idx::{Checksums, FORMS};
use super::staged::Staged;
use super::{Dataset, Digits, Origin, PIXELS, Progress, Source};
use crate::{Error, Result};

const CLASSES: usize = 10;

/// Checks the four files and parses them. Without `sha256`, they need not be MNIST, and may have any number of images.
///
/// The `mnist` crate reads plain files and panics at anything unexpected. So each block of rows is inflated and checked
/// first, and the crate reads a copy of it.
pub(super) fn parse(
    files: &[PathBuf; 4],
    sha256: Option<&Checksums>,
    origin: Origin,
    progress: &dyn Progress,
) -> Result<Digits> {
    let (mut training, mut test) = (Pair::open(files, 0)?, Pair::open(files, 2)?);
    let read_training = || -> Result<_> {
        training.check_counts(sha256)?;
        let mut staged = Staged::new()?;
        let validation = training.count / TRAINING_IMAGES_PER_VALIDATION_IMAGE;
        let validation = training.read(validation, &mut staged, progress)?;
        let train = training.read(training.count - validation.len(), &mut staged, progress)?;
        training.finish(sha256)?;
        Ok((validation, train))
    };
    let read_test = || -> Result<_> {
        test.check_counts(sha256)?;
        let digits = test.read(test.count, &mut Staged::new()?, progress)?;
        test.finish(sha256)?;
        Ok(digits)
    };
    let (training, test) = rayon::join(read_training, read_test);
    let (validation, train) = training?;
    let source = if sha256.is_some() { Source::Mnist } else { Source::Idx };
    Ok(Digits { source, origin, train, validation, test: test? })
}

/// A file of images, number `first` in the order of [`FORMS`], and the file of their labels.
struct Pair {
    first: usize,
    images: IdxFile,
    labels: IdxFile,
    count: usize,
}

impl Pair {
    fn open(paths: &[PathBuf; 4], first: usize) -> Result<Self> {
        let open = |at: usize| IdxFile::open(&paths[at], &FORMS[at]);
        let (images, labels) = (open(first)?, open(first + 1)?);
        let (image_count, label_count) = (images.count(), labels.count());
        if image_count != label_count {
            let (images, labels) = (paths[first].clone(), paths[first + 1].clone());
            return Err(Error::CountMismatch { images, image_count, labels, label_count });
        }
        Ok(Self { first, images, labels, count: image_count as usize })
    }

    fn check_counts(&self, sha256: Option<&Checksums>) -> Result<()> {
        self.images.check_count(sha256.is_some())?;
        self.labels.check_count(sha256.is_some())
    }

    /// Reads the next `count` rows. Each block is parsed while the next one is inflated and checked.
    fn read(&mut self, count: usize, staged: &mut Staged, progress: &dyn Progress) -> Result<Dataset<PIXELS>> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::with_capacity(count));
        // If the header announces more than the memory can hold, the file may still be too short for it.
        let _ = pixels.try_reserve_exact(count * PIXELS);
        let mut block = self.read_block(count)?;
        while labels.len() < count {
            if progress.wants_to_stop() {
                return Err(Error::Stopped);
            }
            let left = count - labels.len() - block.1.len();
            let parse = || -> Result<()> {
                let parsed = staged.parse(&block.0, &block.1)?;
                pixels.extend_from_slice(&parsed.trn_img);
                labels.extend_from_slice(&parsed.trn_lbl);
                Ok(())
            };
            let (next, parsed) = rayon::join(|| self.read_block(left), parse);
            parsed?;
            block = next?;
        }
        Ok(Dataset::from_pixels(pixels, labels, CLASSES))
    }

    /// Reads the pixels and the labels of the next rows, of at most `left`.
    fn read_block(&mut self, left: usize) -> Result<(Vec<u8>, Vec<u8>)> {
        let rows = left.min(ROWS_AT_ONCE);
        Ok((self.images.read_rows(rows)?, self.labels.read_rows(rows)?))
    }

    /// Checks, once all rows have been read, what can only be checked then.
    fn finish(self, sha256: Option<&Checksums>) -> Result<()> {
        let of = |at: usize| sha256.map(|sha256| sha256[at].as_str());
        self.images.finish(of(self.first))?;
        self.labels.finish(of(self.first + 1)).map(drop)
    }
}
