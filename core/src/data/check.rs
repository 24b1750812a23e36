//! Checking an IDX file, plain or gzipped, while reading it once.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::gzip::Gunzip;
use super::idx::{Contents, FORMS, Form, MOST_ROWS, SIDE};
use crate::{Error, Result};

const BUFFER_BYTES: usize = 64 * 1024;
/// How many rows to read at once. Their pixels, 0.8 MB, and a copy fit into a core's own cache.
pub(super) const ROWS_AT_ONCE: usize = 1_000;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

const FETCH_AGAIN: &str = "fetch the file again";
const PUT_THE_FILE: &str = "put the file itself there, plain or gzipped";
const INFLATE: &str = "inflate it once: it was gzipped twice";
const SCALE: &str = "take a file of such images, or scale these";
const RELABEL: &str = "take another file, or number its classes from 0";
const TAKE_OTHER: &str = "take another file";
const OTHER_DATA: &str =
    "fetch the file again, or say `--data idx --data-dir DIR` if the folder holds another data set of the same form";

/// An IDX file whose header has been read and is valid.
pub(super) struct IdxFile {
    path: PathBuf,
    form: &'static Form,
    count: u32,
    rest: Box<dyn Read + Send>,
    /// How many inflated bytes have been read, and their hash.
    read_bytes: u64,
    hash: Sha256,
}

impl IdxFile {
    /// Opens a file and reads its header. Its first bytes, not its name, tell whether it is gzipped.
    pub(super) fn open(path: &Path, form: &'static Form) -> Result<Self> {
        if !fs::metadata(path).map_err(Error::io("read", path))?.is_file() {
            return Err(damaged(path, "a file", "a folder or a device", PUT_THE_FILE));
        }
        let file = File::open(path).map_err(Error::io("open", path))?;
        Self::read(file, path, form)
    }

    /// Reads the header of what `file` holds; `path` is for errors.
    pub(super) fn read(file: impl Read + Send + 'static, path: &Path, form: &'static Form) -> Result<Self> {
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let start = file.fill_buf().map_err(Error::io("read", path))?;
        let gzipped = start.starts_with(&GZIP_MAGIC);
        if start.is_empty() {
            return Err(damaged(path, format!("an IDX file of {}", form.rows()), "an empty file", FETCH_AGAIN));
        }
        let named_gz = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        if !gzipped && start[0] != 0 && named_gz {
            let found = format!("not gzip: it starts with `{}`", excerpt(start));
            return Err(damaged(path, "gzip data", found, FETCH_AGAIN));
        }
        let rest: Box<dyn Read + Send> = match gzipped {
            true => Box::new(Gunzip::new(file)),
            false => Box::new(file),
        };
        let mut idx = Self { path: path.to_owned(), form, count: 0, rest, read_bytes: 0, hash: Sha256::new() };
        idx.read_header()?;
        Ok(idx)
    }

    /// Returns how many rows the header announces.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    fn read_header(&mut self) -> Result<()> {
        let length = self.form.header_bytes();
        let header = self.read_bytes(length)?;
        if header.len() < length {
            return Err(self.wrong(format!("a header of {length} bytes"), format!("{} bytes", header.len())));
        }
        let mut numbers = header.chunks_exact(4).map(|bytes| bytes.iter().fold(0, |n, &byte| n << 8 | u32::from(byte)));
        let magic = numbers.next().unwrap_or(0);
        if magic.to_be_bytes().starts_with(&GZIP_MAGIC) {
            return Err(damaged(&self.path, "IDX data once inflated", "gzip data again", INFLATE));
        }
        if magic != self.form.magic() {
            let expected = format!("the magic number {:#010x}", self.form.magic());
            return Err(self.wrong(expected, format!("{magic:#010x}")));
        }
        self.count = numbers.next().unwrap_or(0);
        let sides: Vec<u32> = numbers.collect();
        if self.form.contents == Contents::Images && sides != [SIDE, SIDE] {
            let found = sides.iter().map(u32::to_string).collect::<Vec<_>>().join(" x ");
            return Err(damaged(&self.path, format!("images of {SIDE} x {SIDE} pixels"), found, SCALE));
        }
        self.hash.update(&header);
        self.read_bytes = length as u64;
        Ok(())
    }

    /// Reads and checks all rows. Returns the SHA-256 of the inflated file as [`Self::finish`] does.
    pub(super) fn check(mut self, sha256: Option<&str>) -> Result<String> {
        self.check_count(sha256.is_some())?;
        let mut left = self.count as usize;
        while left > 0 {
            let rows = left.min(ROWS_AT_ONCE);
            self.read_rows(rows)?;
            left -= rows;
        }
        self.finish(sha256)
    }

    /// Reads the next rows, which the header has announced, and checks that they are there and, if they are labels, in
    /// range.
    pub(super) fn read_rows(&mut self, rows: usize) -> Result<Vec<u8>> {
        let wanted = rows * self.form.row_bytes();
        let bytes = self.read_bytes(wanted)?;
        self.check_labels(&bytes)?;
        self.hash.update(&bytes);
        self.read_bytes += bytes.len() as u64;
        match bytes.len() < wanted {
            true => Err(self.wrong(self.length(), self.read_bytes.to_string())),
            false => Ok(bytes),
        }
    }

    /// Checks that nothing follows the rows, and that the SHA-256 of the inflated file is `sha256`, if one is given.
    /// Returns it in hexadecimal.
    pub(super) fn finish(mut self, sha256: Option<&str>) -> Result<String> {
        if !self.read_bytes(1)?.is_empty() {
            return Err(self.wrong(self.length(), "more".to_owned()));
        }
        let found = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        match sha256 {
            Some(expected) if found != expected => {
                let expected = format!("MNIST's own contents (SHA-256 {expected})");
                Err(damaged(&self.path, expected, format!("SHA-256 {found}"), OTHER_DATA))
            }
            _ => Ok(found),
        }
    }

    /// Checks the number of rows that the header announces.
    pub(super) fn check_count(&self, must_be_mnist: bool) -> Result<()> {
        let rows = self.form.rows();
        let wrong =
            |expected, remedy| Err(damaged(&self.path, format!("{expected} {rows}"), self.count.to_string(), remedy));
        if must_be_mnist && self.count != self.form.count {
            return wrong(self.form.count.to_string(), OTHER_DATA);
        }
        if self.count == 0 || self.count > MOST_ROWS {
            return wrong(format!("from 1 to {MOST_ROWS}"), TAKE_OTHER);
        }
        Ok(())
    }

    fn check_labels(&self, bytes: &[u8]) -> Result<()> {
        if self.form.contents == Contents::Images {
            return Ok(());
        }
        match bytes.iter().position(|&label| label > 9) {
            None => Ok(()),
            Some(position) => {
                let row = self.read_bytes - self.form.header_bytes() as u64 + position as u64;
                let found = format!("{} in row {row}", bytes[position]);
                Err(damaged(&self.path, "labels from 0 to 9", found, RELABEL))
            }
        }
    }

    /// Reads as many inflated bytes, or fewer at the end of the file.
    fn read_bytes(&mut self, wanted: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(wanted);
        let read = self.rest.by_ref().take(wanted as u64).read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(error))?;
        Ok(bytes)
    }

    fn length(&self) -> String {
        format!("{} bytes", self.form.bytes(self.count))
    }

    fn unreadable(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.wrong("whole gzip data".to_owned(), "gzip data cut short".to_owned()),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                self.wrong("whole gzip data".to_owned(), error.to_string())
            }
            _ => Error::io("read", &self.path)(error),
        }
    }

    fn wrong(&self, expected: String, found: String) -> Error {
        damaged(&self.path, expected, found, FETCH_AGAIN)
    }
}

/// Returns the SHA-256 of a file's inflated contents in hexadecimal, and checks the file on the way.
pub(super) fn sha256_of(path: &Path, form: &'static Form) -> Result<String> {
    IdxFile::open(path, form)?.check(None)
}

/// Checks the contents of `file` as those of number `form` in [`FORMS`]; `path` is for errors.
pub(crate) fn check_idx(file: impl Read + Send + 'static, path: &Path, form: usize) -> Result<()> {
    IdxFile::read(file, path, &FORMS[form])?.check(None).map(drop)
}

fn damaged(path: &Path, expected: impl Into<String>, found: impl Into<String>, remedy: &'static str) -> Error {
    Error::DamagedFile { path: path.to_owned(), expected: expected.into(), found: found.into(), remedy }
}

fn excerpt(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(16)];
    String::from_utf8_lossy(start).escape_debug().to_string()
}
