//! See `ch11_core::fuzzing::checkpoint_payload`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::checkpoint_payload);
