//! Checkpoints: files that are written as a whole or not at all, and checked as a whole before their contents are used.
//!
//! A checkpoint is a header and a payload:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `ch11ckpt` |
//! | 4 | version of the format, 2 |
//! | 4 | length of the architecture |
//! | 8 | length of the payload |
//! | 32 | SHA-256 of the rest of the file |
//! | | the network's architecture, as text: `784-100 ELU 100-5` |
//! | | the payload, encoded by bincode |
//!
//! Numbers are little-endian. [`weights`] writes a network's weights alone, as safetensors, for other programs.

mod format;
pub mod weights;

pub(crate) use format::{frame, read_any, read_for_inference, read_from, to_bytes};
pub use format::{read, write};
