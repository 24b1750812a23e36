//! See `ch11_core::fuzzing::search`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::search);
