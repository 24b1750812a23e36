//! What verdicts say, and how often they are wrong.

use ch11_core::train::History;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::report::{Curve, RunResult};

const INSTANCES: usize = 1000;

/// A row of these accuracies, one per seed, with losses of their complements; the first instances are right.
fn row(accuracies: &[f64]) -> Row {
    let result = |&test_accuracy: &f64| RunResult {
        test_accuracy,
        test_precision: test_accuracy,
        test_loss: 1.0 - test_accuracy,
        validation_loss: 0.1,
        epochs: 1,
        best_epoch: 1,
        seconds: None,
        epoch_seconds: None,
    };
    let right = (accuracies[0] * INSTANCES as f64).round() as usize;
    Row {
        part: "8d".to_owned(),
        name: "row".to_owned(),
        key: None,
        results: accuracies.iter().map(result).collect(),
        correct: (0..INSTANCES).map(|instance| instance < right).collect(),
        curve: Curve { name: String::new(), history: History::default(), elapsed: Vec::new() },
        notebook: None,
    }
}

/// A question about rows of these accuracies, one per seed.
pub(in crate::report) fn comparison(before: &[f64], after: &[f64]) -> Comparison {
    Comparison { part: "8d".to_owned(), what: "It".to_owned(), before: row(before), after: row(after), labels: None }
}

/// The verdict on this alone.
fn alone(before: &[f64], after: &[f64]) -> Verdict {
    answer_all(vec![comparison(before, after)]).remove(0)
}

#[test]
fn several_seeds_tell_whether_it_helps() {
    let (low, high) = ([0.80, 0.82, 0.81], [0.90, 0.91, 0.92]);
    assert_eq!(
        alone(&low, &high).sentence(),
        "8d. It helps: 91.00 ± 1.00 % against 81.00 ± 1.00 %, +10.00 points (+7.52 to +12.48), p = 0.003; \
         test loss -0.1000 (-0.1248 to -0.0752)."
    );
    assert!(alone(&high, &low).sentence().starts_with("8d. It hurts: "));
    // Twice the standard error would have called this a difference.
    let unclear = alone(&[0.80, 0.82], &[0.81, 0.84]);
    assert!(unclear.sentence().starts_with("8d. It makes no clear difference: "), "{}", unclear.sentence());
    assert_eq!(unclear.answer, Answer::NoClearDifference);
}

#[test]
fn one_seed_tells_of_itself_alone() {
    let better = alone(&[0.5], &[0.6]);
    assert_eq!(
        better.sentence(),
        "8d. It is better on this seed: 60.00 % against 50.00 %, +10.00 points (+8.29 to +12.02), p < 0.001; test loss -0.1000; \
         of 1,000 test instances, 100 are right only with it and 0 only without it."
    );
    assert_eq!(alone(&[0.6], &[0.5]).answer, Answer::WorseOnThisSeed);
    let unclear = alone(&[0.5], &[0.505]);
    assert!(
        unclear.sentence().starts_with("8d. It makes no clear difference on this seed: "),
        "{}",
        unclear.sentence()
    );
    let none = alone(&[0.5], &[0.5]);
    assert_eq!((none.answer, none.p), (Answer::NoClearDifferenceOnThisSeed, Some(1.0)));
}

#[test]
fn questions_are_corrected_together() {
    // Alone p = 0.039, with another question that is answered p = 0.078.
    let (before, after) = ([0.9949, 0.9951, 0.9943], [0.9953, 0.9957, 0.9946]);
    assert_eq!(alone(&before, &after).answer, Answer::Helps);
    let both = answer_all(vec![comparison(&before, &after), comparison(&before, &before)]);
    assert_eq!(both[0].answer, Answer::NoClearDifference);
    assert_eq!(both[0].p, Some(2.0 * both[0].uncorrected_p.unwrap()));
    assert_eq!(both[0].interval, alone(&before, &after).interval);
}

#[test]
fn seeds_that_all_differ_alike_are_judged_by_their_sign() {
    let five = alone(&[0.90, 0.91, 0.92, 0.93, 0.94], &[0.91, 0.92, 0.93, 0.94, 0.95]);
    assert_eq!((five.answer, five.uncorrected_p, five.interval), (Answer::NoClearDifference, Some(0.0625), None));
    assert!(
        five.sentence().ends_with(
            "; all 5 seeds differ by the same amount, so the sign test decides; the seeds are too few for it."
        ),
        "{}",
        five.sentence()
    );
    let none = alone(&[0.9, 0.8], &[0.9, 0.8]);
    assert_eq!((none.answer, none.p), (Answer::NoClearDifference, Some(1.0)));
}

#[test]
fn seeds_whose_fits_failed_are_left_out_and_counted() {
    let verdict = alone(&[0.80, f64::NAN, 0.82, 0.81], &[0.90, 0.5, 0.91, 0.92]);
    assert!(
        verdict
            .sentence()
            .starts_with("8d. It helps without 1 of 4 seeds, whose fits failed: 91.00 ± 1.00 % against 81.00"),
        "{}",
        verdict.sentence()
    );
    for (before, after) in [(vec![0.8, f64::NAN], vec![0.9, 0.9]), (vec![f64::NAN], vec![0.9])] {
        let verdict = alone(&before, &after);
        assert_eq!((verdict.answer, verdict.p), (Answer::Unknown, None));
        let seeds = before.len();
        assert_eq!(
            verdict.sentence(),
            format!("8d. It cannot be judged without 1 of {seeds} seeds, whose fits failed.")
        );
        // It is no question that the others are corrected for.
        let with_another =
            answer_all(vec![comparison(&before, &after), comparison(&[0.80, 0.82, 0.81], &[0.90, 0.91, 0.92])]);
        assert_eq!(with_another[1].p, with_another[1].uncorrected_p);
    }
}

#[test]
fn json_has_what_the_sentence_says() {
    let verdict = alone(&[0.80, 0.82, 0.81], &[0.90, 0.91, 0.92]);
    let json = verdict.to_json();
    assert_eq!((&json["question"], &json["answer"]), (&json!("It: 8d row against 8d row"), &json!("helps")));
    assert_eq!((&json["test"], &json["seeds"], &json["p"]), (&json!("paired t"), &json!(3), &json!(verdict.p)));
    assert_eq!(json["interval"], json!(verdict.interval));
    let one = alone(&[0.5], &[0.5]).to_json();
    assert_eq!((&one["answer"], &one["test"]), (&json!("no clear difference on this seed"), &json!("McNemar, exact")));
    assert_eq!(
        (&one["interval"], &one["test_loss"]["interval"]),
        (&json!(alone(&[0.5], &[0.5]).interval), &Value::Null)
    );
}

#[test]
fn a_p_value_is_written_on_the_side_of_the_limit_where_it_is() {
    let values = [0.0004, 0.012, 0.04996, 0.05004, 0.2];
    assert_eq!(values.map(written), ["p < 0.001", "p = 0.012", "p = 0.04996", "p = 0.05004", "p = 0.200"]);
}

/// The share of runs in which any of their verdicts calls chance a difference.
fn false_alarms(seeds: usize, questions: usize, accuracy: impl Fn(&mut ChaCha8Rng) -> f64) -> f64 {
    const RUNS: usize = 1000;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut accuracies = || (0..seeds).map(|_| accuracy(&mut rng)).collect::<Vec<f64>>();
    let mut is_alarm = |_: &usize| {
        let comparisons = (0..questions).map(|_| comparison(&accuracies(), &accuracies())).collect();
        answer_all(comparisons).iter().any(|it| matches!(it.answer, Answer::Helps | Answer::Hurts))
    };
    (0..RUNS).filter(|run| is_alarm(run)).count() as f64 / RUNS as f64
}

/// A draw from the standard normal distribution, after Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle) = (1.0 - rng.r#gen::<f64>(), rng.r#gen::<f64>());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[test]
fn chance_is_rarely_called_a_difference() {
    let normal_accuracy = |rng: &mut ChaCha8Rng| 0.99 + 0.001 * normal(rng);
    // Of 5,000 images, about 25 mistakes, so that differences are often equal.
    let of_images = |rng: &mut ChaCha8Rng| 1.0 - (25.0 + 5.0 * normal(rng)).round() / 5000.0;
    // Of 500 images, one mistake more or less.
    let coarse = |rng: &mut ChaCha8Rng| 1.0 - (5.0 + normal(rng)).round() / 500.0;
    for seeds in [2, 3, 5, 10] {
        for questions in [1, 8] {
            let rates = [
                false_alarms(seeds, questions, normal_accuracy),
                false_alarms(seeds, questions, of_images),
                false_alarms(seeds, questions, coarse),
            ];
            assert!(rates.iter().all(|&rate| rate <= 0.07), "{seeds} seeds, {questions} questions: {rates:?}");
            // A test that never spoke would be right, too.
            assert!(rates[0] >= 0.03, "{seeds} seeds, {questions} questions: {rates:?}");
        }
    }
}
