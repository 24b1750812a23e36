//! See `ch11_harness::fuzzing::pixels`.
#![no_main]

ch11_fuzz::fuzz!(ch11_harness::fuzzing::pixels);
