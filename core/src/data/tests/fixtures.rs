//! Four files of MNIST's form, folders of them, and surroundings to load them in.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::Result;
use crate::data::idx::{Checksums, Contents, FORMS};
use crate::data::load::load_from;
use crate::data::places::Places;
use crate::data::synthetic::{DrawnDigits, Size};
use crate::data::{Choice, Digits, Progress, Request, Silent};
use ch11_fetch::{Network, Timeouts};

/// A gzipped file for each of the four forms: labels count up from 0 to 9, over and over; all pixels of an image are
/// its row's number, modulo 251.
pub(super) static GZIPPED: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| [0, 1, 2, 3].map(|index| gzip(&plain(index))));

pub(super) static CHECKSUMS: LazyLock<Checksums> = LazyLock::new(|| {
    [0, 1, 2, 3].map(|index| Sha256::digest(plain(index)).iter().map(|byte| format!("{byte:02x}")).collect())
});

/// The inflated file of one form.
pub(super) fn plain(index: usize) -> Vec<u8> {
    let form = &FORMS[index];
    let mut bytes = header(index, form.count);
    match form.contents {
        Contents::Labels => bytes.extend((0..form.count).map(|row| (row % 10) as u8)),
        Contents::Images => (0..form.count).for_each(|row| bytes.extend([(row % 251) as u8; 784])),
    }
    bytes
}

/// The header of one form, with any number of rows.
pub(super) fn header(index: usize, count: u32) -> Vec<u8> {
    let numbers = match FORMS[index].contents {
        Contents::Images => vec![0x803, count, 28, 28],
        Contents::Labels => vec![0x801, count],
    };
    numbers.into_iter().flat_map(u32::to_be_bytes).collect()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Writes the four gzipped files into `folder`, which is made if need be.
pub(super) fn fill(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (form, bytes) in FORMS.iter().zip(GZIPPED.iter()) {
        fs::write(folder.join(format!("{}.gz", form.name)), bytes).unwrap();
    }
}

/// Surroundings with no files anywhere but perhaps in `cache`, and no mirrors.
pub(super) fn places(cache: &Path) -> Places {
    Places {
        workspace: Vec::new(),
        cache: Some(cache.to_owned()),
        mirrors: Vec::new(),
        network: Network::default(),
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            silence: Duration::from_millis(800),
            whole: Duration::from_secs(10),
        },
        sha256: CHECKSUMS.clone(),
    }
}

/// A request whose synthetic digits are few.
pub(super) fn request() -> Request {
    Request { synthetic: DrawnDigits { size: Size { training: 24, test: 10 }, seed: 1 }, ..Request::default() }
}

/// Loads a named folder.
pub(super) fn load_folder(choice: Choice, folder: &Path) -> Result<Digits> {
    let request = Request { choice, folder: Some(folder.to_owned()), ..request() };
    load_from(&places(Path::new("no cache is needed")), &request, &Silent)
}

/// Remembers what was said.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) notices: Mutex<Vec<String>>,
    pub(super) downloads: Mutex<Vec<Download>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Download {
    pub(super) url: String,
    pub(super) total_bytes: Option<u64>,
    pub(super) received_bytes: u64,
    pub(super) ended: bool,
}

impl Heard {
    pub(super) fn text(&self) -> String {
        self.notices.lock().unwrap().join("\n")
    }
}

impl Progress for Heard {
    fn notice(&self, text: &str) {
        self.notices.lock().unwrap().push(text.to_owned());
    }

    fn download_started(&self, url: &str, total_bytes: Option<u64>) {
        let download = Download { url: url.to_owned(), total_bytes, received_bytes: 0, ended: false };
        self.downloads.lock().unwrap().push(download);
    }

    fn download_advanced(&self, bytes: u64) {
        self.downloads.lock().unwrap().last_mut().unwrap().received_bytes += bytes;
    }

    fn download_ended(&self) {
        self.downloads.lock().unwrap().last_mut().unwrap().ended = true;
    }
}
