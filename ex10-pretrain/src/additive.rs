//! The best that one logistic neuron on a concatenation could do.
//!
//! Its logit is `w_a . a(x1) + w_b . b(x2) + c`: a function of the first image plus a function of the second, whatever the networks a
//! and b are. Say they knew both digits without fail; then the logit of digits `i` and `j` is `f(i) + g(j)`. Of all models of this kind,
//! the one that is best for the loss is found here, on the table of how many pairs there are of each two digits. (A function of
//! the image that varies within a digit does no better: the loss is convex in the logit, so its mean over the digit's images has a
//! loss that is no higher, as long as the two images of a pair are drawn independently of each other.)
//!
//! "Same digit" is a table with a diagonal, and no sum of a row's number and a column's number comes near to it: a sum that is high at
//! `(0, 0)` and at `(1, 1)` is as high, all in all, at `(0, 1)` and `(1, 0)`. The best is to say nothing, a logit of 0 everywhere,
//! with a loss of ln 2.
//!
//! For accuracy alone a sum can do more. "Different if the first digit is the larger" is one: right of all same pairs and of half of
//! the others, 75 %, and none is right of more. But its loss is above ln 2 at any scale, so training does not lead there.

use serde::Serialize;

/// How well the best model does that adds what it makes of each image by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AdditiveBound {
    /// Its mean cross-entropy, in nats: the lowest that there is.
    pub loss: f64,
    /// The fraction of pairs that it gets right.
    pub accuracy: f64,
}

/// Rounds of improving each number once: far more than a table of ten digits needs.
const ROUNDS: usize = 2000;

/// Finds the best additive model on a table of counts: the pairs of digit `i` before digit `j` in row `i`, column `j`. Pairs on the
/// diagonal are the same, label 0; the others are different, label 1.
///
/// Each number in turn takes Newton's step with the curvature at its bound: the second derivative of the loss of a logit is at most
/// 1 / 4. Such a step never raises the loss, which is convex, so that the rounds lead to its minimum.
pub fn best_additive(table: &[Vec<usize>]) -> AdditiveBound {
    let digits = table.len();
    let (mut of_first, mut of_second) = (vec![0.0; digits], vec![0.0; digits]);
    let slope = |logit: f64, i: usize, j: usize| {
        table[i][j] as f64 * (1.0 / (1.0 + (-logit).exp()) - f64::from(u8::from(i != j)))
    };
    for _ in 0..ROUNDS {
        for i in 0..digits {
            let count: usize = table[i].iter().sum();
            let gradient: f64 = (0..digits).map(|j| slope(of_first[i] + of_second[j], i, j)).sum();
            of_first[i] -= 4.0 * gradient / count.max(1) as f64;
        }
        for j in 0..digits {
            let count: usize = (0..digits).map(|i| table[i][j]).sum();
            let gradient: f64 = (0..digits).map(|i| slope(of_first[i] + of_second[j], i, j)).sum();
            of_second[j] -= 4.0 * gradient / count.max(1) as f64;
        }
    }
    evaluate(table, |i, j| of_first[i] + of_second[j])
}

/// Evaluates a model that gives digits `i` and `j` a logit.
fn evaluate(table: &[Vec<usize>], logit: impl Fn(usize, usize) -> f64) -> AdditiveBound {
    let (mut loss, mut right, mut all) = (0.0, 0, 0);
    for (i, row) in table.iter().enumerate() {
        for (j, &count) in row.iter().enumerate() {
            let (logit, different) = (logit(i, j), i != j);
            let towards_label = if different { logit } else { -logit };
            loss += count as f64 * (-towards_label).exp().ln_1p();
            right += if (logit > 0.0) == different { count } else { 0 };
            all += count;
        }
    }
    AdditiveBound { loss: loss / all as f64, accuracy: right as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs exactly as they are meant to be: nine of each digit with itself, one of each two digits.
    fn ideal() -> Vec<Vec<usize>> {
        (0..10).map(|i| (0..10).map(|j| if i == j { 9 } else { 1 }).collect()).collect()
    }

    #[test]
    fn on_balanced_pairs_the_best_is_to_say_nothing() {
        let best = best_additive(&ideal());
        assert!((best.loss - 2.0_f64.ln()).abs() < 1e-12, "{best:?}");
        let random = |i: usize, j: usize| ((i * 7 + 3) % 10) as f64 / 30.0 - ((j * 3 + 1) % 10) as f64 / 40.0;
        assert!(evaluate(&ideal(), random).loss > best.loss);
    }

    #[test]
    fn an_order_is_right_of_three_quarters_with_a_higher_loss() {
        for scale in [0.001, 0.1, 1.0] {
            let order = evaluate(&ideal(), |i, j| scale * (i as f64 - j as f64));
            assert_eq!(order.accuracy, 0.75);
            assert!(order.loss > 2.0_f64.ln(), "{order:?}");
        }
    }

    #[test]
    fn what_the_second_digit_tells_alone_is_found() {
        // The first digit is always 0, so the second decides.
        let best = best_additive(&[vec![5, 5], vec![0, 0]]);
        assert!(best.loss < 1e-3 && best.accuracy == 1.0, "{best:?}");
    }
}
