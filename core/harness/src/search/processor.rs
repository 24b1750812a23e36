//! Which processors compute the same bits.

use std::fmt;

use ch11_kernels::multiplies_and_adds_in_one_rounding;
use serde::{Deserialize, Serialize};

/// A kind of processors, all of which compute the same bits; AVX2 and AVX-512 are no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Processor {
    /// x86-64 that multiplies and adds in one rounding.
    X86Fused,
    /// x86-64 that rounds twice.
    X86,
    /// AArch64.
    Arm,
    /// Anything else.
    Other,
}

impl Processor {
    /// Returns the kind of the processor that this program runs on.
    pub fn own() -> Self {
        match (std::env::consts::ARCH, multiplies_and_adds_in_one_rounding()) {
            ("x86_64", true) => Self::X86Fused,
            ("x86_64", false) => Self::X86,
            ("aarch64", _) => Self::Arm,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86Fused => "x86-64 with fused multiply-adds",
            Self::X86 => "x86-64 without fused multiply-adds",
            Self::Arm => "AArch64",
            Self::Other => "another architecture",
        })
    }
}
