//! The nearest neighbour, beside a search that computes every distance.

use ch11_core::data::Dataset;
use ch11_core::metrics::nearest_neighbour;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const WIDTH: usize = 30;

#[test]
fn the_nearest_neighbour_is_that_of_all_distances() {
    let mut rng = StdRng::seed_from_u64(1);
    // Sparse rows and dense ones; more rows than go through at once.
    for zeros in [0.0, 0.8] {
        let mut draw = |rows: usize| -> (Vec<u8>, Vec<u8>) {
            let pixels = (0..rows * WIDTH).map(|_| if rng.gen_bool(zeros) { 0 } else { rng.r#gen() }).collect();
            (pixels, (0..rows).map(|row| (row % 7) as u8).collect())
        };
        let ((known, classes), (asked, labels)) = (draw(150), draw(1_100));
        let square = |a: u8, b: u8| (i64::from(a) - i64::from(b)).pow(2);
        let distance = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(&a, &b)| square(a, b)).sum::<i64>();
        let expected = asked.chunks_exact(WIDTH).map(|asked| {
            let nearest = known.chunks_exact(WIDTH).zip(&classes).min_by_key(|(known, _)| distance(known, asked));
            *nearest.unwrap().1
        });
        let expected: Vec<u8> = expected.collect();
        let train = Dataset::<WIDTH>::from_pixels(known.clone(), classes.clone(), 7);
        let test = Dataset::<WIDTH>::from_pixels(asked.clone(), labels, 7);
        let evaluation = nearest_neighbour(&train, &test);
        let found: Vec<u8> = evaluation.predictions.iter().map(|prediction| prediction.class).collect();
        assert_eq!(found, expected);
        let right = evaluation.predictions.iter().filter(|it| it.is_right()).count();
        assert_eq!(evaluation.accuracy(), right as f64 / 1_100.0);
    }
}
