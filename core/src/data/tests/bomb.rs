//! A small file that inflates to a huge one.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Compress, Compression, FlushCompress};

use super::fixtures::header;
use crate::data::check::IdxFile;
use crate::data::idx::FORMS;

const TEST_IMAGES: usize = 2;

/// A bomb of 10 GB: one gzip member whose deflate blocks are the same megabyte of zeros again and again.
struct Bomb {
    start: io::Cursor<Vec<u8>>,
    megabyte: Vec<u8>,
    position: usize,
    megabytes_left: usize,
    read_bytes: Arc<AtomicUsize>,
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
            read_bytes: Arc::default(),
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
        self.read_bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(bytes)
    }
}

#[test]
fn a_gzip_bomb_is_refused_one_byte_after_the_limit() {
    let bomb = Bomb::new(TEST_IMAGES);
    let megabyte = bomb.megabyte.len();
    let read_bytes = Arc::clone(&bomb.read_bytes);
    let file = IdxFile::read(bomb, Path::new("bomb.gz"), &FORMS[TEST_IMAGES]).unwrap();
    let error = file.check(None).unwrap_err();
    assert!(error.to_string().contains("bomb.gz: expected 7840016 bytes, found more"), "{error}");
    let at_most = 9 * megabyte + 2 * 64 * 1024;
    let read_bytes = read_bytes.load(Ordering::Relaxed);
    assert!(read_bytes <= at_most, "read {read_bytes} bytes of gzip, {at_most} would do");
}
