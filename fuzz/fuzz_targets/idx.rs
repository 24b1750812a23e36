//! See `ch11_core::fuzzing::idx`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::idx);
