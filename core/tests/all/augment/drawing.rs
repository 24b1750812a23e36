//! What is drawn: seeds decide, digits keep their mass and their place, and nothing comes from nowhere.

use ch11_core::data::{Augmentation, Dataset, SIDE};
use proptest::prelude::*;

use super::{digits, root_mean_square};

/// The grey levels of an image: their sum, and their middle across and down, in pixels.
fn moments(pixels: &[f32]) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for (at, grey) in pixels.iter().enumerate() {
        let weights = [1.0, (at % SIDE) as f64, (at / SIDE) as f64];
        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * f64::from(*grey));
    }
    let [mass, x, y] = sums;
    [mass, x / mass, y / mass]
}

fn all_moments(digits: &Dataset<784>) -> Vec<[f64; 3]> {
    let mut pixels = Vec::new();
    digits.gather(&(0..digits.len()).collect::<Vec<_>>(), &mut pixels);
    pixels.chunks_exact(784).map(moments).collect()
}

/// By how much each moment changes when the digits are distorted: the mass as a factor, the middle in pixels.
fn changes(augmentation: Augmentation) -> Vec<[f64; 3]> {
    let digits = digits(500).train;
    let drawn = augmentation.distorter().distorted(&digits, 5);
    let pairs = all_moments(&digits).into_iter().zip(all_moments(&drawn));
    pairs.map(|([mass, x, y], [new_mass, new_x, new_y])| [new_mass / mass, new_x - x, new_y - y]).collect()
}

fn mean_and_root_mean_square(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    [values.clone().sum::<f64>() / values.clone().count() as f64, root_mean_square(values)]
}

/// Fails unless something holds of nearly all digits: a few lie so near the edge that they lose a part.
#[track_caller]
fn nearly_all(changes: &[[f64; 3]], holds: impl Fn(&[f64; 3]) -> bool) {
    let others: Vec<_> = changes.iter().filter(|change| !holds(change)).collect();
    assert!(others.len() <= changes.len() / 20, "{} of {}: {others:.3?}", others.len(), changes.len());
}

#[test]
fn a_shift_keeps_the_mass_and_moves_the_middle_evenly_up_to_its_strength() {
    let changes = changes(Augmentation::SHIFT);
    nearly_all(&changes, |[mass, ..]| (mass - 1.0).abs() < 0.01);
    for axis in [1, 2] {
        nearly_all(&changes, |it| it[axis].abs() < 2.01);
        let [mean, root] = mean_and_root_mean_square(changes.iter().map(|it| it[axis]));
        // Even between -2 and 2: 2 / sqrt(3). The standard error of the mean of 500 is 0.05.
        assert!(mean.abs() < 0.2 && (root - 1.1547).abs() < 0.08, "{mean}, {root}");
    }
}

#[test]
fn a_change_of_size_changes_the_mass_by_its_square_about_the_middle_of_the_image() {
    let scale = Augmentation { scale: 0.12, ..Augmentation::OFF };
    let changes = changes(scale);
    let bounds = 0.88_f64.powi(2) * 0.98..1.12_f64.powi(2) * 1.02;
    nearly_all(&changes, |[mass, ..]| bounds.contains(mass));
    let [mean, root] = mean_and_root_mean_square(changes.iter().map(|[mass, ..]| mass.sqrt() - 1.0));
    assert!(mean.abs() < 0.012 && (root - 0.12 / 3.0_f64.sqrt()).abs() < 0.008, "{mean}, {root}");
}

#[test]
fn elastic_displacements_bend_digits_and_on_the_whole_leave_them_where_they_are() {
    let elastic = Augmentation { elastic: 30.0, smoothness: 4.0, ..Augmentation::OFF };
    let changes = changes(elastic);
    for axis in [1, 2] {
        let [mean, root] = mean_and_root_mean_square(changes.iter().map(|it| it[axis]));
        // Each pixel moves by 1.2 pixels, and a digit as a whole by less.
        assert!(mean.abs() < 0.2 && (0.3..1.0).contains(&root), "{mean}, {root}");
    }
    let [mean, root] = mean_and_root_mean_square(changes.iter().map(|[mass, ..]| mass - 1.0));
    assert!(mean.abs() < 0.1 && (0.02..0.3).contains(&root), "{mean}, {root}");
}

#[test]
fn a_seed_decides_how_each_image_is_distorted() {
    let digits = digits(50).train;
    for augmentation in [Augmentation::SHIFT, Augmentation::AFFINE, Augmentation::ELASTIC] {
        let distorter = augmentation.distorter();
        let drawn = distorter.distorted(&digits, 1);
        assert_eq!(drawn, distorter.distorted(&digits, 1));
        assert_ne!(drawn, distorter.distorted(&digits, 2));
        assert_eq!((drawn.labels(), drawn.classes()), (digits.labels(), 5));
        let twice = distorter.distorted(&digits.select(&[3, 3]), 1);
        assert_ne!(twice.select(&[0]), twice.select(&[1]), "the same image is never drawn twice");
    }
}

#[test]
fn copies_come_in_rounds_of_all_images_and_no_two_are_alike() {
    let digits = digits(50).train;
    let copies = Augmentation::ELASTIC.distorter().copies(&digits, 3, 1);
    let rounds =
        [0, 1, 2].map(|round| copies.select(&(round * digits.len()..(round + 1) * digits.len()).collect::<Vec<_>>()));
    assert!(rounds.iter().all(|round| round.labels() == digits.labels() && *round != digits));
    assert!(rounds[0] != rounds[1] && rounds[1] != rounds[2] && rounds[0] != rounds[2]);
    assert_eq!(Augmentation::OFF.distorter().copies(&digits, 1, 1), digits);
}

#[test]
fn without_strength_images_are_as_they_are() {
    let digits = digits(50).train;
    assert_eq!(Augmentation::OFF.distorter().distorted(&digits, 1), digits);
    assert!(Augmentation { smoothness: 4.0, ..Augmentation::OFF }.is_off());
}

#[test]
fn names_are_read_back() {
    for name in Augmentation::NAMES {
        let augmentation: Augmentation = name.parse().unwrap();
        assert_eq!((augmentation.to_string().as_str(), augmentation.is_off()), (name, name == "off"));
    }
    assert_eq!("bent".parse::<Augmentation>().unwrap_err(), "one of off, shift, affine, elastic is needed");
    let own = Augmentation { rotation: 5.0, ..Augmentation::ELASTIC };
    assert_eq!(own.to_string(), "rotation 5, scale 0.12, shear 0.1, shift 1.5, elastic 30 by 4");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_strengths_black_stays_black_and_white_no_whiter(
        rotation in 0.0_f32..180.0,
        scale in 0.0_f32..0.9,
        shear in 0.0_f32..2.0,
        shift in 0.0_f32..40.0,
        elastic in 0.0_f32..1000.0,
        smoothness in 2.5_f32..40.0,
        seed: u64,
    ) {
        let distorter = Augmentation { rotation, scale, shear, shift, elastic, smoothness }.distorter();
        let mut drawn = [9; 784];
        distorter.draw(&[0; 784], seed, &mut drawn);
        prop_assert_eq!(drawn, [0; 784]);
        distorter.draw(&[100; 784], seed, &mut drawn);
        prop_assert!(drawn.iter().all(|&grey| grey <= 100), "{:?}", drawn);
    }
}
