//! Whether this processor multiplies and adds in one rounding.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

/// Tells whether the kernels multiply and add in one instruction on this processor, and so in one rounding. The bits of
/// their results depend on it, and on nothing else of a processor of the same architecture.
#[multiversion(targets("x86_64+avx512f+avx512vl+fma", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn multiplies_and_adds_in_one_rounding() -> bool {
    target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"))
}
