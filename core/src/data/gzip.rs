//! Inflating gzip files as `gzip` itself does.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// The first byte of a member.
const MAGIC: u8 = 0x1f;

/// Inflates the members of a gzip file, one after the other. Zero bytes after a member are padding, as tapes and memory
/// cards leave it; anything else there is an error.
pub(super) struct Gunzip<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    /// Makes a reader of the inflated contents of `gzipped`.
    pub(super) fn new(gzipped: R) -> Self {
        Self { member: Some(GzDecoder::new(gzipped)) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let bytes = member.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            self.member = self.member.take().map(GzDecoder::into_inner).map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// Skips padding, and returns the member after it, if there is one.
fn next_member<R: BufRead>(mut rest: R) -> io::Result<Option<GzDecoder<R>>> {
    loop {
        let bytes = rest.fill_buf()?;
        match bytes.iter().position(|&byte| byte != 0) {
            Some(padding) => {
                if bytes[padding] != MAGIC {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "other bytes after the gzip data"));
                }
                rest.consume(padding);
                return Ok(Some(GzDecoder::new(rest)));
            }
            None if bytes.is_empty() => return Ok(None),
            None => {
                let padding = bytes.len();
                rest.consume(padding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn inflated(gzipped: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // A small buffer, so that padding goes on beyond it.
        Gunzip::new(BufReader::with_capacity(7, gzipped)).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn members_and_padding_are_taken_as_gzip_takes_them() {
        let (one, two) = (gzip(b"one "), gzip(b"two"));
        let padding = |bytes: usize| vec![0; bytes];
        assert_eq!(inflated(&[&one[..], &two].concat()).unwrap(), b"one two");
        for bytes in [1, 6, 7, 8, 511, 100_000] {
            assert_eq!(inflated(&[&one[..], &padding(bytes)].concat()).unwrap(), b"one ");
        }
        assert_eq!(inflated(&[&one[..], &padding(512), &two].concat()).unwrap(), b"one two");
    }

    #[test]
    fn other_text_after_the_data_and_data_cut_short_are_errors() {
        let whole = gzip(b"one");
        for rest in [&b"x"[..], b"\0\0x", b"\x1f\x8b"] {
            assert!(inflated(&[&whole, rest].concat()).is_err(), "{rest:?}");
        }
        for length in 0..whole.len() {
            assert!(inflated(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}
