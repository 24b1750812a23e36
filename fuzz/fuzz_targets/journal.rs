//! See `ch11_core::fuzzing::journal`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::journal);
