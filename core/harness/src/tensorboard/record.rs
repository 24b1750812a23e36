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

/// Takes records apart again.
#[cfg(test)]
pub(super) fn read(mut file: &[u8]) -> Vec<&[u8]> {
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
    let mut records = Vec::new();
    while !file.is_empty() {
        let (length, rest) = file.split_at(8);
        let (length_crc, rest) = rest.split_at(4);
        assert_eq!(masked_crc(length), number(length_crc));
        let (contents, rest) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
        let (contents_crc, rest) = rest.split_at(4);
        assert_eq!(masked_crc(contents), number(contents_crc));
        records.push(contents);
        file = rest;
    }
    records
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
}
