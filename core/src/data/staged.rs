//! Copies of checked rows in the form that the `mnist` crate reads.
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mnist::{Mnist, MnistBuilder};

use super::Progress;
use super::idx::{Contents, FORMS, Form, SIDE};
use super::leftovers::Folder;
use crate::{Error, Result};

/// The rows in a folder of four files, as the crate requires: 60,000, then 10,000.
const ROWS: usize = (FORMS[0].count + FORMS[2].count) as usize;

/// A private temporary folder of rows, numbered from 0.
///
/// The crate reads exactly 60,000 and 10,000 rows, as one sequence. So any number of rows is staged as one sequence,
/// too, in as many folders of four files as it takes; the last one is filled up with zeros.
///
/// The folder is removed when this is dropped. What a killed process left is removed by the next one.
pub(super) struct Staged<'a> {
    folder: Folder,
    progress: &'a dyn Progress,
}

impl<'a> Staged<'a> {
    /// Makes the folder. Nothing more is written to it once `progress` asks to stop.
    pub(super) fn new(progress: &'a dyn Progress) -> Result<Self> {
        let place = std::env::temp_dir();
        let folder = Folder::new(&place, "ch11-digits-");
        let folder =
            folder.map_err(Error::io("create a temporary folder there (TMPDIR names another place)", &place))?;
        Ok(Self { folder, progress })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns a writer that takes an IDX file of the kind of `form`, and stages its rows from number `first` on.
    pub(super) fn rows(&self, form: &Form, first: usize) -> Rows<'_> {
        let forms = if form.contents == Contents::Images { [&FORMS[0], &FORMS[2]] } else { [&FORMS[1], &FORMS[3]] };
        Rows { staged: self, forms, header_bytes: form.header_bytes(), next: first, within: 0, file: None }
    }

    /// Lets the crate read the first `count` rows, and returns all pixels and all labels.
    pub(super) fn parse(&self, count: usize) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for folder in 0..count.div_ceil(ROWS) {
            for form in &FORMS {
                self.complete(&self.folder(folder).join(form.name), form)?;
            }
            let wanted = (count - folder * ROWS).min(ROWS);
            let Mnist { trn_img, trn_lbl, .. } = read(&self.folder(folder), wanted)?;
            if folder == 0 {
                (pixels, labels) = (trn_img, trn_lbl);
            } else {
                pixels.extend_from_slice(&trn_img);
                labels.extend_from_slice(&trn_lbl);
            }
        }
        Ok((pixels, labels))
    }

    fn folder(&self, number: usize) -> PathBuf {
        self.path().join(number.to_string())
    }

    /// Gives a staged file its header, and the length that the header announces.
    fn complete(&self, path: &Path, form: &Form) -> Result<()> {
        let numbers = match form.contents {
            Contents::Images => vec![form.magic(), form.count, SIDE, SIDE],
            Contents::Labels => vec![form.magic(), form.count],
        };
        let header: Vec<u8> = numbers.into_iter().flat_map(u32::to_be_bytes).collect();
        let complete = || {
            let mut file = open(path)?;
            file.write_all(&header)?;
            file.set_len(form.bytes(form.count))
        };
        complete().map_err(Error::io("write", path))
    }
}

/// Opens a file for writing at any position.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Lets the crate read a folder, and returns its first `count` rows as the training set.
fn read(folder: &Path, count: usize) -> Result<Mnist> {
    let base_path = folder.to_str().ok_or_else(|| Error::TemporaryFolderNotUtf8 { path: folder.to_owned() })?;
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        MnistBuilder::new()
            .base_path(base_path)
            .label_format_digit()
            .training_set_length(count as u32)
            .validation_set_length(0)
            .test_set_length(0)
            .finalize()
    }));
    parsed.map_err(|panic| {
        let message =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Error::Parser { message: message.unwrap_or_default() }
    })
}

/// A writer that takes an IDX file and stages its rows.
pub(super) struct Rows<'a> {
    staged: &'a Staged<'a>,
    /// The files of training and of test rows.
    forms: [&'static Form; 2],
    /// How many bytes of the header are still to come.
    header_bytes: usize,
    /// The number of the current row, and how many bytes of it have been written.
    next: usize,
    within: usize,
    /// The file for it, open at the right position, and how many more bytes it takes.
    file: Option<(File, usize)>,
}

impl Rows<'_> {
    fn row_bytes(&self) -> usize {
        self.forms[0].row_bytes()
    }

    /// Opens the file for the current row.
    fn open(&self) -> io::Result<(File, usize)> {
        let (folder, row) = (self.next / ROWS, self.next % ROWS);
        let [training, test] = self.forms;
        let (form, row) = match row.checked_sub(training.count as usize) {
            Some(row) => (test, row),
            None => (training, row),
        };
        let mut file = open(&self.staged.folder(folder).join(form.name))?;
        file.seek(SeekFrom::Start((form.header_bytes() + row * self.row_bytes()) as u64))?;
        Ok((file, (form.count as usize - row) * self.row_bytes()))
    }
}

impl Write for Rows<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.staged.progress.wants_to_stop() {
            return Err(io::Error::other("stopped"));
        }
        if self.header_bytes > 0 {
            let skipped = bytes.len().min(self.header_bytes);
            self.header_bytes -= skipped;
            return Ok(skipped);
        }
        let (mut file, room) = match self.file.take() {
            Some(open) => open,
            None => self.open()?,
        };
        let written = file.write(&bytes[..bytes.len().min(room)])?;
        let done = self.within + written;
        (self.next, self.within) = (self.next + done / self.row_bytes(), done % self.row_bytes());
        self.file = (written < room).then_some((file, room - written));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
