//! The random factors of dropout.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many values are drawn together, so that the random bytes stay in the nearest cache.
const DRAWN_TOGETHER: usize = 8192;

/// Returns the factors that dropout multiplies `count` values by: 0 with probability `rate`, `1 / (1 - rate)`
/// otherwise.
///
/// Each takes 16 random bits, so the rate is exact to within 1 / 131,072.
pub fn dropout_factors(rate: f32, seed: u64, count: usize) -> Vec<f32> {
    let mut kept = vec![0; count];
    draw_kept(rate, seed, 0, &mut kept, &mut Vec::new());
    kept.into_iter().map(|kept| dropout_factor(rate, kept)).collect()
}

/// Returns the factor of a value that dropout at this rate has kept, 1, or dropped, 0.
#[inline(always)]
pub fn dropout_factor(rate: f32, kept: u8) -> f32 {
    f32::from(kept) * (1.0 - rate).recip()
}

/// Draws which values dropout keeps, 1, or drops, 0, from number `first` on; `random` is memory to be reused.
pub fn draw_kept(rate: f32, seed: u64, first: usize, kept: &mut [u8], random: &mut Vec<u8>) {
    let threshold = (rate * 65536.0).round() as u32;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // Two values share a word of the generator; the first may be in the second half of its word.
    let mut skipped = first % 2;
    rng.set_word_pos((first / 2) as u128);
    random.resize(2 * DRAWN_TOGETHER, 0);
    let mut left = kept;
    while !left.is_empty() {
        let (some, rest) = left.split_at_mut(left.len().min(DRAWN_TOGETHER - skipped));
        let bytes = &mut random[..2 * (skipped + some.len())];
        rng.fill_bytes(bytes);
        keep_from(threshold, &bytes[2 * skipped..], some);
        (skipped, left) = (0, rest);
    }
}

/// Keeps each value unless its two random bytes are a number below `threshold`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn keep_from(threshold: u32, random: &[u8], kept: &mut [u8]) {
    for (kept, bytes) in kept.iter_mut().zip(random.as_chunks().0) {
        *kept = u8::from(u32::from(u16::from_le_bytes(*bytes)) >= threshold);
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
        const COUNT: usize = 2 * DRAWN_TOGETHER + 101;
        let whole = dropout_factors(0.5, 7, COUNT);
        for first in [0, 1, 2, 33, 100, DRAWN_TOGETHER - 1, DRAWN_TOGETHER] {
            let mut part = vec![0; COUNT - first];
            draw_kept(0.5, 7, first, &mut part, &mut Vec::new());
            assert!(
                part.iter().zip(&whole[first..]).all(|(kept, factor)| dropout_factor(0.5, *kept) == *factor),
                "{first}"
            );
        }
    }

    #[test]
    fn another_seed_drops_others() {
        assert_eq!(dropout_factors(0.5, 1, 100), dropout_factors(0.5, 1, 100));
        assert_ne!(dropout_factors(0.5, 1, 100), dropout_factors(0.5, 2, 100));
    }
}
