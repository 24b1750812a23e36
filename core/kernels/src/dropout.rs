//! The random factors of dropout.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns the factors that dropout multiplies `count` values by: 0 with probability `rate`, `1 / (1 - rate)`
/// otherwise.
///
/// Each takes 16 random bits, so the rate is exact to within 1 / 131,072.
pub fn dropout_factors(rate: f32, seed: u64, count: usize) -> Vec<f32> {
    let mut factors = vec![0.0; count];
    draw_dropout_factors(rate, seed, 0, &mut factors, &mut Vec::new());
    factors
}

/// Draws the factors of [`dropout_factors`] from number `first` on; `random` is memory to be reused.
pub fn draw_dropout_factors(rate: f32, seed: u64, first: usize, factors: &mut [f32], random: &mut Vec<u8>) {
    // Two factors share a word of the generator; the first may be in the second half of its word.
    let skipped = first % 2;
    random.resize(2 * (factors.len() + skipped), 0);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_word_pos((first / 2) as u128);
    rng.fill_bytes(random);
    let threshold = (rate * 65536.0).round() as u32;
    keep_from(threshold, (1.0 - rate).recip(), &random[2 * skipped..], factors);
}

/// Sets each factor to 0 if its two random bytes are a number below `threshold`, else to `kept`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn keep_from(threshold: u32, kept: f32, random: &[u8], factors: &mut [f32]) {
    for (factor, bytes) in factors.iter_mut().zip(random.as_chunks().0) {
        *factor = if u32::from(u16::from_le_bytes(*bytes)) < threshold { 0.0 } else { kept };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_at_the_rate_and_keeps_the_mean() {
        for rate in [0.1, 0.5, 0.8] {
            let factors = dropout_factors(rate, 1, 100_000);
            let dropped = factors.iter().filter(|&&factor| factor == 0.0).count() as f32 / 1e5;
            let mean = factors.iter().sum::<f32>() / 1e5;
            // The standard error of the fraction is at most 0.0016, of the mean at most 0.0064.
            assert!((dropped - rate).abs() < 0.007, "{dropped} dropped at {rate}");
            assert!((mean - 1.0).abs() < 0.025, "mean {mean} at {rate}");
        }
    }

    #[test]
    fn any_part_can_be_drawn_alone() {
        let whole = dropout_factors(0.5, 7, 101);
        for first in [0, 1, 2, 33, 100] {
            let mut part = vec![0.0; 101 - first];
            draw_dropout_factors(0.5, 7, first, &mut part, &mut Vec::new());
            assert_eq!(part, whole[first..], "from {first}");
        }
    }

    #[test]
    fn another_seed_drops_others() {
        assert_eq!(dropout_factors(0.5, 1, 100), dropout_factors(0.5, 1, 100));
        assert_ne!(dropout_factors(0.5, 1, 100), dropout_factors(0.5, 2, 100));
    }
}
