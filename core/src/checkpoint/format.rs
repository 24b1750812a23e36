//! The format of checkpoints.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::disk::persist;
use crate::{Error, Result};

const MAGIC: &[u8; 8] = b"ch11ckpt";
const VERSION: u32 = 2;
const CHECKSUM_AT: usize = 24;
const HEADER_BYTES: usize = CHECKSUM_AT + 32;

/// Longer checkpoints are not read. Those of this chapter's networks take 2 MB with everything that resuming needs.
const MAX_BYTES: usize = 256 << 20;

const CODING: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<MAX_BYTES>,
> = bincode::config::standard().with_limit::<MAX_BYTES>();

/// Writes `contents` of a network of this architecture as a checkpoint; see [`persist`].
///
/// # Errors
/// If the file cannot be written; an earlier one at `path` is then unchanged.
pub fn write(path: &Path, architecture: &str, contents: &impl Serialize) -> Result<()> {
    persist(path, &to_bytes(architecture, contents).map_err(Error::io("write", path))?)
}

/// Makes the bytes of a checkpoint.
pub(crate) fn to_bytes(architecture: &str, contents: &impl Serialize) -> io::Result<Vec<u8>> {
    let payload = bincode::serde::encode_to_vec(contents, CODING).map_err(io::Error::other)?;
    Ok(frame(architecture, &payload))
}

/// Assembles header, architecture and payload.
pub(crate) fn frame(architecture: &str, payload: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEADER_BYTES + architecture.len() + payload.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(architecture.len() as u32).to_le_bytes());
    file.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    let body = [architecture.as_bytes(), payload].concat();
    let checksum = checksum(&file, &body);
    file.extend_from_slice(&checksum);
    file.extend_from_slice(&body);
    file
}

fn checksum(fields: &[u8], body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(fields).chain_update(body).finalize().into()
}

/// Reads a checkpoint of a network of this architecture.
///
/// # Errors
/// If the file cannot be read, or is not a checkpoint, is cut short, damaged, of another version, or of another
/// network. Nothing in the file is used before its length and its checksum are found to be correct.
pub fn read<T: DeserializeOwned>(path: &Path, architecture: &str) -> Result<T> {
    let (file, file_bytes) = open(path)?;
    read_from(file, file_bytes, path, architecture)
}

/// Reads a checkpoint of a network that infers as one of this architecture does: dropout is no matter.
pub(crate) fn read_for_inference<T: DeserializeOwned>(path: &Path, architecture: &str) -> Result<T> {
    let (file, file_bytes) = open(path)?;
    let (found, payload) = read_checked(file, file_bytes, path)?;
    must_be(without_dropout(&found) == without_dropout(architecture), path, &found, architecture)?;
    contents(&payload, path)
}

/// Leaves dropout out of an architecture; it does nothing in inference.
fn without_dropout(architecture: &str) -> Vec<&str> {
    let mut words = architecture.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "dropout" => drop(words.next()),
            layer => kept.push(layer),
        }
    }
    kept
}

/// Reads a checkpoint of any network, with the network's architecture.
pub(crate) fn read_any<T: DeserializeOwned>(path: &Path) -> Result<(String, T)> {
    let (file, file_bytes) = open(path)?;
    let (architecture, payload) = read_checked(file, file_bytes, path)?;
    Ok((architecture, contents(&payload, path)?))
}

/// Reads a checkpoint of `file_bytes` bytes; `path` is for errors.
pub(crate) fn read_from<T: DeserializeOwned>(
    file: impl Read,
    file_bytes: u64,
    path: &Path,
    architecture: &str,
) -> Result<T> {
    let (found, payload) = read_checked(file, file_bytes, path)?;
    must_be(found == architecture, path, &found, architecture)?;
    contents(&payload, path)
}

fn must_be(is_it: bool, path: &Path, found: &str, architecture: &str) -> Result<()> {
    if is_it {
        return Ok(());
    }
    Err(Error::checkpoint(path, format!("a checkpoint of the network {found}"), format!("one of {architecture}")))
}

fn open(path: &Path) -> Result<(File, u64)> {
    let found = fs::metadata(path).map_err(Error::io("open", path))?;
    if !found.is_file() {
        // Opening a pipe would wait for its writer.
        let no_file = io::Error::other("found a folder, a pipe or a device, expected a file; move it away");
        return Err(Error::io("read", path)(no_file));
    }
    Ok((File::open(path).map_err(Error::io("open", path))?, found.len()))
}

fn contents<T: DeserializeOwned>(payload: &[u8], path: &Path) -> Result<T> {
    let (contents, used) = decode(payload)
        .map_err(|error| Error::checkpoint(path, format!("contents that do not decode ({error})"), "a checkpoint"))?;
    if used != payload.len() {
        return Err(Error::checkpoint(path, format!("{} bytes after the contents", payload.len() - used), "none"));
    }
    Ok(contents)
}

/// Decodes a payload with a limit on the memory it may claim: bincode allocates a text before it checks that there is
/// as much.
fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<(T, usize), bincode::error::DecodeError> {
    // A number of 8 bytes may be encoded in one, so the contents take up to 8 times the length of the payload. Limits
    // are types.
    const SMALL_BYTES: usize = 64 << 10;
    const USUAL_BYTES: usize = 4 << 20;
    let length = payload.len();
    if length <= SMALL_BYTES {
        bincode::serde::decode_from_slice(payload, CODING.with_limit::<{ 8 * SMALL_BYTES }>())
    } else if length <= USUAL_BYTES {
        bincode::serde::decode_from_slice(payload, CODING.with_limit::<{ 8 * USUAL_BYTES }>())
    } else {
        bincode::serde::decode_from_slice(payload, CODING)
    }
}

/// Reads the architecture and the payload of an undamaged checkpoint.
fn read_checked(mut file: impl Read, file_bytes: u64, path: &Path) -> Result<(String, Vec<u8>)> {
    let mut header = [0; HEADER_BYTES];
    if file_bytes < HEADER_BYTES as u64 {
        return Err(Error::checkpoint(
            path,
            format!("{file_bytes} bytes"),
            format!("a checkpoint, of at least {HEADER_BYTES}"),
        ));
    }
    file.read_exact(&mut header).map_err(Error::io("read", path))?;
    let (fields, expected_checksum) = header.split_at(CHECKSUM_AT);
    let (magic, numbers) = fields.split_at(MAGIC.len());
    let version = u32::from_le_bytes(to_array(&numbers[..4]));
    let architecture_bytes = u32::from_le_bytes(to_array(&numbers[4..8])) as usize;
    let payload_bytes = u64::from_le_bytes(to_array(&numbers[8..]));

    if magic != MAGIC {
        return Err(Error::checkpoint(path, "a file of another kind", "a checkpoint, which starts with `ch11ckpt`"));
    }
    if version != VERSION {
        return Err(Error::checkpoint(
            path,
            format!("a checkpoint of format version {version}"),
            format!("version {VERSION}"),
        ));
    }
    let body_bytes = file_bytes - HEADER_BYTES as u64;
    let expected_bytes = payload_bytes.saturating_add(architecture_bytes as u64);
    if body_bytes != expected_bytes || body_bytes > MAX_BYTES as u64 {
        let expected = format!("{expected_bytes}, by its header: it is cut short or damaged");
        return Err(Error::checkpoint(path, format!("{body_bytes} bytes of contents"), expected));
    }
    let mut body = vec![0; body_bytes as usize];
    file.read_exact(&mut body).map_err(Error::io("read", path))?;
    if checksum(fields, &body) != *expected_checksum {
        return Err(Error::checkpoint(path, "contents that do not match their checksum", "an undamaged checkpoint"));
    }
    let payload = body.split_off(architecture_bytes);
    let architecture =
        String::from_utf8(body).map_err(|_| Error::checkpoint(path, "an architecture that is not text", "text"))?;
    Ok((architecture, payload))
}

fn to_array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|index| bytes[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENTS: (&str, [f32; 3]) = ("weights", [0.5, -1.0, 3.0]);
    type Contents = (String, [f32; 3]);

    fn written(folder: &tempfile::TempDir) -> (std::path::PathBuf, Vec<u8>) {
        let path = folder.path().join("some.ckpt");
        write(&path, "2-1", &CONTENTS).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    }

    fn error(path: &Path, bytes: &[u8]) -> String {
        std::fs::write(path, bytes).unwrap();
        read::<Contents>(path, "2-1").unwrap_err().to_string()
    }

    #[test]
    fn gives_back_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = written(&folder);
        let (name, values): Contents = read(&path, "2-1").unwrap();
        assert_eq!((name.as_str(), values), CONTENTS);
    }

    #[test]
    fn notices_every_flipped_bit() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = written(&folder);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let error = error(&path, &bytes);
            assert!(error.contains("some.ckpt"), "bit {bit}: {error}");
        }
    }

    #[test]
    fn notices_every_cut() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = written(&folder);
        for length in 0..bytes.len() {
            error(&path, &bytes[..length]);
        }
        error(&path, &[bytes.as_slice(), b"!"].concat());
    }

    #[test]
    fn names_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = written(&folder);
        let other_network = read::<Contents>(&path, "3-1").unwrap_err().to_string();
        assert!(other_network.contains("the network 2-1") && other_network.contains("one of 3-1"), "{other_network}");

        let mut newer = bytes.clone();
        newer[8] = 9;
        assert!(error(&path, &newer).contains("format version 9"));
        assert!(error(&path, &[0; 1000]).contains("another kind"));
        assert!(error(&path, &bytes[..bytes.len() - 1]).contains("cut short"));
    }

    /// Found by fuzzing: 151 MB were made room for, and only then it was seen that there are 8 bytes.
    #[test]
    fn makes_no_room_for_a_text_far_longer_than_its_payload() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.ckpt");
        let payload = [&[253], 151_321_860_u64.to_le_bytes().as_slice(), &[0; 8]].concat();
        std::fs::write(&path, frame("2-1", &payload)).unwrap();
        let error = read::<String>(&path, "2-1").unwrap_err().to_string();
        assert!(error.contains("LimitExceeded"), "{error}");
    }

    #[test]
    fn believes_no_length_inside_a_payload() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.ckpt");
        // A list that claims 2^60 floats.
        let payload = [&[253], (1_u64 << 60).to_le_bytes().as_slice()].concat();
        std::fs::write(&path, frame("2-1", &payload)).unwrap();
        let error = read::<Vec<f32>>(&path, "2-1").unwrap_err().to_string();
        assert!(error.contains("do not decode"), "{error}");
    }

    #[test]
    fn dropout_is_no_matter_in_inference_and_all_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dropped.ckpt");
        write(&path, "dropout 0.2 784-100 ELU dropout 0.5 100-5", &7_u8).unwrap();
        for same in ["784-100 ELU 100-5", "784-100 ELU dropout 0.1 100-5"] {
            assert_eq!(read_for_inference::<u8>(&path, same).unwrap(), 7);
            read::<u8>(&path, same).unwrap_err();
        }
        let error = read_for_inference::<u8>(&path, "784-50 ELU 50-5").unwrap_err().to_string();
        assert!(error.contains("dropout 0.2 784-100") && error.contains("one of 784-50"), "{error}");
    }
}
