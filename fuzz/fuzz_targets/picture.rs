//! See `ch11_core::fuzzing::picture`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::picture);
