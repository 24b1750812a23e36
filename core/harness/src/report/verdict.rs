//! Sentences that follow from numbers.

use super::{Samples, percent};

/// Compares two accuracies on the same `test_images`, seed by seed: `WHAT helps: 91.00 % against 90.00 %.`
///
/// A mean difference within twice its standard error is called none; with a single seed that is the error of counting correct ones
/// among the test images.
///
/// # Panics
/// If there is no seed.
pub fn compare(what: &str, before: &Samples, after: &Samples, test_images: usize) -> String {
    let differences: Vec<f64> = after.values.iter().zip(&before.values).map(|(after, before)| after - before).collect();
    let differences = Samples { values: differences };
    let variance_of_count = |accuracy: f64| accuracy * (1.0 - accuracy) / test_images as f64;
    let standard_error = match differences.values.len() {
        1 => (variance_of_count(before.mean()) + variance_of_count(after.mean())).sqrt(),
        seeds => differences.standard_deviation() / (seeds as f64).sqrt(),
    };
    let verb = match differences.mean() {
        difference if difference.abs() <= 2.0 * standard_error => "makes no clear difference",
        gain if gain > 0.0 => "helps",
        _ => "hurts",
    };
    let seeds = if before.values.len() == 1 { ", by a single seed" } else { "" };
    format!("{what} {verb}: {} against {}{seeds}.", percent(after), percent(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Samples {
        Samples { values: values.to_vec() }
    }

    #[test]
    fn verdicts_follow_from_the_numbers() {
        let (low, high) = (samples(&[0.80, 0.82, 0.81]), samples(&[0.90, 0.91, 0.92]));
        assert!(compare("it", &low, &high, 100).starts_with("it helps: 91.00 ± 1.00 % against 81.00"));
        assert!(compare("it", &high, &low, 100).starts_with("it hurts"));
        assert!(compare("it", &low, &samples(&[0.79, 0.85, 0.80]), 100).starts_with("it makes no clear difference"));
        let one_seed = |after: f64| compare("it", &samples(&[0.5]), &samples(&[after]), 1000);
        assert_eq!(one_seed(0.6), "it helps: 60.00 % against 50.00 %, by a single seed.");
        // Of 1,000 images each, twice the error is 4.5 points.
        assert!(one_seed(0.54).starts_with("it makes no clear difference"));
    }
}
