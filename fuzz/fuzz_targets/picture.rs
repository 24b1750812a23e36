//! See `ch11_harness::fuzzing::picture`.
#![no_main]

// A file of a few bytes may be a picture of 24 million pixels.
ch11_fuzz::fuzz!(ch11_harness::fuzzing::picture, 400 << 20);
