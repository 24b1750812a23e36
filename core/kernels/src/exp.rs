//! The exponential function, without a branch, so that a loop of it vectorises.

use super::product::multiply_add;

/// Returns `2^n` and `exp(r) - 1`, where `z = n ln 2 + r`, for `z` up to 0; below -87, those of -87.
///
/// A Taylor polynomial of degree 7 gives `exp(r) - 1`. The error of `exp(z)` is below 3e-7 of it.
#[inline(always)]
pub(super) fn exp_parts<const FUSED: bool>(z: f32) -> (f32, f32) {
    /// Adding 1.5 * 2^23 to a small float leaves it rounded to an integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts (those of Cephes, `expf`): `n * LN_2_HIGH` is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let z = if z < -87.0 { -87.0 } else { z };
    let rounded = multiply_add::<FUSED>(z, std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = multiply_add::<FUSED>(-n, LN_2_LOW, multiply_add::<FUSED>(-n, LN_2_HIGH, z));
    let two_to_n = f32::from_bits((rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127)) << 23);

    let mut polynomial = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0] {
        polynomial = multiply_add::<FUSED>(polynomial, r, coefficient);
    }
    (two_to_n, polynomial * r)
}
