//! Records, as TensorFlow writes them.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | length of the contents |
//! | 4 | masked CRC-32C of the length |
//! | | the contents |
//! | 4 | masked CRC-32C of the contents |
//!
//! Numbers are little-endian; see [TFRecords format details](https://www.tensorflow.org/tutorials/load_data/tfrecord).

use prost::Message;

/// Appends a message as a record.
pub(super) fn append(file: &mut Vec<u8>, message: &impl Message) {
    let contents = message.encode_to_vec();
    let length = (contents.len() as u64).to_le_bytes();
    file.extend_from_slice(&length);
    file.extend_from_slice(&masked_crc(&length).to_le_bytes());
    file.extend_from_slice(&contents);
    file.extend_from_slice(&masked_crc(&contents).to_le_bytes());
}

/// Computes a masked checksum, since the CRC of data that contains CRCs is weak.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Takes records apart again, up to one that is damaged or cut off.
pub(super) fn read(mut file: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while let Some((contents, rest)) = first(file) {
        records.push(contents);
        file = rest;
    }
    records
}

/// Returns the contents of the first record, and what follows it.
fn first(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_first_chunk()?;
    let rest = checked(length, rest)?;
    let (contents, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    Some((contents, checked(contents, rest)?))
}

/// Returns what follows the checksum of these bytes, if it is right.
fn checked<'a>(bytes: &[u8], rest: &'a [u8]) -> Option<&'a [u8]> {
    let (checksum, rest) = rest.split_first_chunk()?;
    (u32::from_le_bytes(*checksum) == masked_crc(bytes)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_tensorflows() {
        // RFC 3720, B.4: 32 bytes of zeros have the CRC-32C 0x8a9136aa. TensorFlow's `lib/hash/crc32c.h` says how it is
        // masked: ((crc >> 15) | (crc << 17)) + 0xa282ead8.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(masked_crc(&[0; 32]), 0x0fd7_fffa);
    }

    #[test]
    fn records_are_read_up_to_one_that_is_damaged() {
        let mut file = Vec::new();
        // prost takes a number as a message of one field.
        [1_i64, 2].iter().for_each(|number| append(&mut file, number));
        assert_eq!(read(&file).len(), 2);
        for cut in 0..file.len() {
            assert_eq!(read(&file[..cut]).len(), 2 * cut / file.len(), "cut after {cut} bytes");
            let mut damaged = file.clone();
            damaged[cut] ^= 1;
            assert_eq!(read(&damaged).len(), 2 * cut / file.len(), "byte {cut} damaged");
        }
    }
}
