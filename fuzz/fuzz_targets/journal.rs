//! See `ch11_harness::fuzzing::journal`.
#![no_main]

ch11_fuzz::fuzz!(ch11_harness::fuzzing::journal);
