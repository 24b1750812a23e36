//! Copies of checked rows in the form that the `mnist` crate reads.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use mnist::{Mnist, MnistBuilder};

use super::idx::{Contents, FORMS, Form, SIDE};
use super::leftovers::Folder;
use crate::{Error, Result};

/// More than is allocated for a block at once.
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// A private temporary folder with the four files that the crate wants, from which it parses a block of rows at a time.
///
/// The crate wants headers of 60,000 and of 10,000 rows, but takes as many rows as follow them. So the training files
/// hold one block, and the test files nothing but their headers. Blocks overwrite each other, so that they stay in the
/// nearest cache and in the same pages of memory.
///
/// The folder is removed when this is dropped. What a killed process left is removed by the next one.
pub(super) struct Staged {
    /// The training images and their labels.
    files: [StagedFile; 2],
    folder: Folder,
}

impl Staged {
    /// Makes the folder and its files.
    pub(super) fn new() -> Result<Self> {
        let place = std::env::temp_dir();
        let folder = Folder::new(&place, "ch11-digits-");
        let folder =
            folder.map_err(Error::io("create a temporary folder there (TMPDIR names another place)", &place))?;
        let create = |form: &Form| StagedFile::create(folder.path().join(form.name), form);
        let [images, labels, test_images, test_labels] = FORMS.each_ref().map(create);
        test_images.and(test_labels)?;
        // From now on, glibc keeps as much freed memory for reuse, and more. Otherwise, each block would get new pages.
        drop(Vec::<u8>::with_capacity(KEPT_BYTES));
        Ok(Self { files: [images?, labels?], folder })
    }

    /// Lets the crate parse a block of rows, `(n, 784)` pixels and `(n)` labels, as its training set.
    pub(super) fn parse(&mut self, pixels: &[u8], labels: &[u8]) -> Result<Mnist> {
        let [image_file, label_file] = &mut self.files;
        image_file.replace_rows(pixels)?;
        label_file.replace_rows(labels)?;
        let path = self.folder.path();
        let base_path = path.to_str().ok_or_else(|| Error::TemporaryFolderNotUtf8 { path: path.to_owned() })?;
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            MnistBuilder::new()
                .base_path(base_path)
                .label_format_digit()
                .training_set_length(labels.len() as u32)
                .validation_set_length(0)
                .test_set_length(0)
                .finalize()
        }));
        parsed.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let message = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Error::Parser { message: message.unwrap_or_default() }
        })
    }
}

/// An IDX file whose rows are replaced by others.
struct StagedFile {
    file: File,
    path: PathBuf,
    header_bytes: u64,
}

impl StagedFile {
    /// Creates a file with the header of `form`, and without rows.
    fn create(path: PathBuf, form: &Form) -> Result<Self> {
        let sides = if form.contents == Contents::Images { &[SIDE, SIDE][..] } else { &[] };
        let numbers = [&[form.magic(), form.count], sides].concat();
        let header: Vec<u8> = numbers.into_iter().flat_map(u32::to_be_bytes).collect();
        let create = || {
            let mut file = File::create_new(&path)?;
            file.write_all(&header)?;
            Ok(file)
        };
        let file = create().map_err(Error::io("write", &path))?;
        Ok(Self { file, path, header_bytes: header.len() as u64 })
    }

    fn replace_rows(&mut self, rows: &[u8]) -> Result<()> {
        let mut replace = || -> io::Result<()> {
            self.file.seek(SeekFrom::Start(self.header_bytes))?;
            self.file.write_all(rows)?;
            self.file.set_len(self.header_bytes + rows.len() as u64)
        };
        replace().map_err(Error::io("write a checked copy", &self.path))
    }
}
