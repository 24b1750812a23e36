//! How far a bar turns, grows and leans: as its seed draws it, evenly up to the strength.

use ch11_core::data::{Augmentation, PIXELS, SIDE};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::root_mean_square;

const SEEDS: u64 = 1000;

/// What a seed draws, from -1 to 1: for the rotation, the size, the shear, and the shifts across and down.
fn drawn_from(seed: u64) -> [f64; 5] {
    let mut numbers = ChaCha8Rng::seed_from_u64(seed);
    [(); 5].map(|()| 2.0 * f64::from(numbers.next_u32()) / f64::from(u32::MAX) - 1.0)
}

/// A bar in the middle of an image, 20 pixels by 4 across, or 4 by 20 upright.
fn bar(upright: bool) -> [u8; PIXELS] {
    let [long, short] = [4..24, 12..16];
    let (columns, rows) = if upright { (short, long) } else { (long, short) };
    std::array::from_fn(|at| if columns.contains(&(at % SIDE)) && rows.contains(&(at / SIDE)) { 255 } else { 0 })
}

/// The variance of the grey across, their covariance across and down, and the variance down, in square pixels.
fn second_moments(image: &[u8]) -> [f64; 3] {
    let middle = (SIDE as f64 - 1.0) / 2.0;
    let mass: f64 = image.iter().map(|&grey| f64::from(grey)).sum();
    let mut sums = [0.0; 3];
    for (at, &grey) in image.iter().enumerate() {
        let (x, y) = ((at % SIDE) as f64 - middle, (at / SIDE) as f64 - middle);
        sums.iter_mut().zip([x * x, x * y, y * y]).for_each(|(sum, of_one)| *sum += of_one * f64::from(grey) / mass);
    }
    sums
}

/// Draws a bar from many seeds, and fails unless what is measured is the seed's number of this index, times the strength.
#[track_caller]
fn assert_as_drawn(
    (augmentation, strength, number): (Augmentation, f64, usize),
    bar: [u8; PIXELS],
    measure: impl Fn([f64; 3]) -> f64,
) {
    let (distorter, mut image) = (augmentation.distorter(), [0; PIXELS]);
    let mut measured = Vec::new();
    for seed in 0..SEEDS {
        distorter.draw(&bar, seed, &mut image);
        let (found, expected) = (measure(second_moments(&image)), strength * drawn_from(seed)[number]);
        assert!((found - expected).abs() < strength / 10.0, "{found}, not {expected}");
        measured.push(found);
    }
    let root = root_mean_square(measured.into_iter());
    assert!((root / strength - 1.0 / 3.0_f64.sqrt()).abs() < 0.03, "{root}");
}

/// Rows count downwards, so a turn to the right is positive.
#[test]
fn a_bar_turns_to_the_right_by_the_angle_that_is_drawn() {
    let rotation = Augmentation { rotation: 10.0, ..Augmentation::OFF };
    let angle = |[across, both, down]: [f64; 3]| (0.5 * (2.0 * both).atan2(across - down)).to_degrees();
    assert_as_drawn((rotation, 10.0, 0), bar(false), angle);
}

#[test]
fn a_bar_grows_by_the_size_that_is_drawn() {
    let scale = Augmentation { scale: 0.12, ..Augmentation::OFF };
    let [before, ..] = second_moments(&bar(false));
    assert_as_drawn((scale, 0.12, 1), bar(false), |[across, ..]| (across / before).sqrt() - 1.0);
}

#[test]
fn an_upright_bar_leans_by_the_shear_that_is_drawn() {
    let shear = Augmentation { shear: 0.1, ..Augmentation::OFF };
    assert_as_drawn((shear, 0.1, 2), bar(true), |[_, both, down]| both / down);
}
