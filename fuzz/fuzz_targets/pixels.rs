//! See `ch11_core::fuzzing::pixels`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::pixels);
