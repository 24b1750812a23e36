//! See `ch11_harness::fuzzing::space`.
#![no_main]

ch11_fuzz::fuzz!(ch11_harness::fuzzing::space);
