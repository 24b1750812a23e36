//! Pairs: balanced, true to their labels, never an image with itself, evenly drawn, and the same from the same seed.

use std::collections::BTreeMap;

use ch11_core::Error;
use ch11_core::data::{Dataset, Pair, PairSource, Relation};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const CLASSES: usize = 10;

/// A dataset of one pixel per image, with these labels.
fn images(labels: &[u8]) -> Dataset<1> {
    Dataset::from_pixels(vec![0; labels.len()], labels.to_vec(), CLASSES)
}

fn draw(labels: &[u8], count: usize, seed: u64) -> Vec<Pair> {
    let source = PairSource::new(&images(labels), 0..labels.len()).unwrap();
    source.draw(count, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn same(pairs: &[Pair]) -> usize {
    pairs.iter().filter(|pair| pair.relation == Relation::Same).count()
}

prop_compose! {
    /// Labels of at least two classes, each of two images at least, in any order.
    fn labels()(
        counts in prop::collection::btree_map(0..CLASSES as u8, 2..20_usize, 2..=CLASSES),
    )(
        labels in Just(counts.iter().flat_map(|(&class, &count)| vec![class; count]).collect::<Vec<u8>>()).prop_shuffle(),
    ) -> Vec<u8> {
        labels
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn labels_are_true_and_no_image_is_paired_with_itself(labels in labels(), count in 0..200_usize, seed: u64) {
        let pairs = draw(&labels, count, seed);
        prop_assert_eq!(pairs.len(), count);
        for Pair { first, second, relation } in pairs {
            prop_assert_ne!(first, second);
            prop_assert_eq!(relation == Relation::Same, labels[first] == labels[second]);
            prop_assert_eq!(relation.label(), u8::from(labels[first] != labels[second]));
        }
    }

    #[test]
    fn half_of_a_batch_is_the_same(labels in labels(), count in 0..200_usize, seed: u64) {
        let same = same(&draw(&labels, count, seed));
        prop_assert!(same == count / 2 || same == count.div_ceil(2), "{} of {}", same, count);
    }

    #[test]
    fn a_seed_gives_the_same_pairs(labels in labels(), count in 1..100_usize, seed: u64) {
        prop_assert_eq!(draw(&labels, count, seed), draw(&labels, count, seed));
    }

    #[test]
    fn only_the_rows_that_were_asked_for_are_drawn(labels in labels(), before in 0..20_usize, after in 0..20_usize, seed: u64) {
        let all = [&vec![0; before][..], &labels, &vec![1; after]].concat();
        let rows = before..before + labels.len();
        let source = PairSource::new(&images(&all), rows.clone()).unwrap();
        for pair in source.draw(50, &mut ChaCha8Rng::seed_from_u64(seed)) {
            prop_assert!(rows.contains(&pair.first) && rows.contains(&pair.second));
        }
    }

    #[test]
    fn a_lone_image_of_a_class_is_an_error(labels in labels(), at in any::<prop::sample::Index>()) {
        let lone = labels[at.index(labels.len())];
        let position = labels.iter().position(|&label| label == lone);
        let mut kept: Vec<u8> = labels.iter().copied().filter(|&label| label != lone).collect();
        kept.insert(position.unwrap().min(kept.len()), lone);
        let error = PairSource::new(&images(&kept), 0..kept.len()).unwrap_err();
        prop_assert!(matches!(error, Error::LoneImage { class } if class == usize::from(lone)), "{}", error);
    }
}

#[test]
fn one_class_or_none_is_an_error() {
    for (labels, classes) in [(vec![3; 5], "found images of 1 class,"), (vec![], "found images of 0 class")] {
        let error = PairSource::new(&images(&labels), 0..labels.len()).unwrap_err();
        assert!(error.to_string().starts_with(classes), "{error}");
    }
}

#[test]
fn the_odd_pair_is_the_same_as_often_as_not() {
    let labels = [0, 0, 1, 1];
    let same: usize = (0..10_000).map(|seed| same(&draw(&labels, 1, seed))).sum();
    // The standard deviation is 50.
    assert!((4_800..5_200).contains(&same), "{same}");
}

/// How often each outcome came, if all of `outcomes` are equally likely, must be within 5 standard deviations of its mean.
fn assert_even<T: std::fmt::Debug>(counts: &BTreeMap<T, usize>, outcomes: usize) {
    let drawn: usize = counts.values().sum();
    let mean = drawn as f64 / outcomes as f64;
    assert_eq!(counts.len(), outcomes, "{counts:?}");
    assert!(counts.values().all(|&count| (count as f64 - mean).abs() < 5.0 * mean.sqrt()), "{counts:?}");
}

#[test]
fn classes_and_the_images_in_them_are_drawn_evenly_whatever_their_sizes() {
    // 2 images of class 0, 3 of class 1, 30 of class 7.
    let labels = [vec![0; 2], vec![7; 30], vec![1; 3]].concat();
    let (mut same_classes, mut different_classes) = (BTreeMap::new(), BTreeMap::new());
    let (mut same_images, mut positions) = (BTreeMap::new(), BTreeMap::new());
    for (position, pair) in draw(&labels, 60_000, 1).into_iter().enumerate() {
        let classes = (labels[pair.first], labels[pair.second]);
        match pair.relation {
            Relation::Same => *same_classes.entry(classes.0).or_default() += 1,
            Relation::Different => *different_classes.entry(classes).or_default() += 1,
        }
        if classes == (1, 1) {
            *same_images.entry((pair.first, pair.second)).or_default() += 1;
        }
        if pair.relation == Relation::Same {
            *positions.entry(position / 6_000).or_default() += 1;
        }
    }
    assert_even(&same_classes, 3);
    assert_even(&different_classes, 6);
    assert_even(&same_images, 6);
    assert_even(&positions, 10);
}
