//! See `ch11_harness::fuzzing::search`.
#![no_main]

ch11_fuzz::fuzz!(ch11_harness::fuzzing::search);
