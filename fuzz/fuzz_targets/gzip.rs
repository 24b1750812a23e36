//! See `ch11_core::fuzzing::gzip`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::gzip);
