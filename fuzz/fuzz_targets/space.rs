//! See `ch11_core::fuzzing::space`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::space);
