//! See `ch11_core::fuzzing::safetensors`.
#![no_main]

ch11_fuzz::fuzz!(ch11_core::fuzzing::safetensors);
