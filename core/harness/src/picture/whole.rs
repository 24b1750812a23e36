//! Whether a JPEG file is complete.
//!
//! The decoder is lenient: it paints what is missing grey, or leaves a progressive picture blurred.

const MARK: u8 = 0xff;
const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;

/// Returns whether a JPEG file has its end marker. What follows the marker, as some cameras have it, does not matter.
///
/// Segments are skipped by their lengths, so that the end marker of a thumbnail is not taken for the picture's.
pub(super) fn jpeg_has_its_end(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == MARK) {
        rest = &rest[at + 1..];
        match rest.first().copied() {
            Some(END_OF_IMAGE) => return true,
            // Escaped data, padding, and markers that have no length: the restart markers and the start of the image.
            Some(0 | 1 | MARK | 0xd0..=START_OF_IMAGE) => {}
            Some(_) => rest = after_segment(&rest[1..]),
            None => return false,
        }
    }
    false
}

/// Returns what follows a segment, which begins with its length in two bytes; these count, too.
fn after_segment(bytes: &[u8]) -> &[u8] {
    let length = bytes.first_chunk().map_or(2, |&length| usize::from(u16::from_be_bytes(length)));
    bytes.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASELINE: &[u8] = include_bytes!("../../tests/corpus/picture/good-colours.jpg");
    const PROGRESSIVE: &[u8] = include_bytes!("../../tests/corpus/picture/good-progressive.jpg");

    /// Puts a segment of `content` after a picture's start.
    fn with_segment(jpeg: &[u8], content: &[u8]) -> Vec<u8> {
        let length = (content.len() + 2) as u16;
        [&jpeg[..2], &[MARK, 0xe1], &length.to_be_bytes(), content, &jpeg[2..]].concat()
    }

    #[test]
    fn a_jpeg_is_whole_up_to_its_end_and_no_earlier() {
        for jpeg in [BASELINE, PROGRESSIVE] {
            for length in 0..jpeg.len() {
                assert!(!jpeg_has_its_end(&jpeg[..length]), "{length} bytes");
            }
            assert!(jpeg_has_its_end(jpeg));
            assert!(jpeg_has_its_end(&[jpeg, b"a film in motion"].concat()));
        }
    }

    #[test]
    fn the_end_of_a_thumbnail_is_none() {
        for thumbnail in [BASELINE, &[MARK, END_OF_IMAGE, MARK]] {
            let jpeg = with_segment(BASELINE, thumbnail);
            assert!(jpeg_has_its_end(&jpeg));
            assert!(!jpeg_has_its_end(&jpeg[..jpeg.len() - 2]));
        }
    }

    #[test]
    fn filling_and_lengths_beyond_the_file_are_read_past() {
        assert!(jpeg_has_its_end(&[MARK, MARK, MARK, END_OF_IMAGE]));
        assert!(!jpeg_has_its_end(&[MARK, 0xe1, 0xff, 0xff, MARK, END_OF_IMAGE]));
        assert!(!jpeg_has_its_end(&[MARK, 0xe1, 9]));
    }
}
