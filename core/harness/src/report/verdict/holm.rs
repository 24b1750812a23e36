//! Several questions at once.

/// Corrects p-values for their number, so that among questions without a difference the chance of any below 0.05 is at most 5 %: Holm,
/// "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
///
/// The smallest of m is multiplied by m, the next by m - 1 and so on; none gets smaller than one before it, or above 1. They stay in
/// their places.
///
/// # Example
/// ```
/// use ch11_harness::report::holm;
///
/// assert_eq!(holm(&[0.25, 0.125]), [0.25, 0.25]);
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut ascending: Vec<usize> = (0..p_values.len()).collect();
    ascending.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![0.0; p_values.len()];
    let mut so_far = 0.0_f64;
    for (rank, place) in ascending.into_iter().enumerate() {
        so_far = so_far.max((p_values.len() - rank) as f64 * p_values[place]).min(1.0);
        corrected[place] = so_far;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```python
    /// from statsmodels.stats.multitest import multipletests  # statsmodels 0.15
    /// print(multipletests(p_values, method="holm")[1])
    /// ```
    #[test]
    fn corrected_as_by_statsmodels() {
        let cases: [(&[f64], &[f64]); 5] = [
            (&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]),
            (&[0.001, 0.2, 0.2, 0.6, 0.012], &[0.005, 0.6, 0.6, 0.6, 0.048]),
            (&[0.04, 0.04, 0.04], &[0.12, 0.12, 0.12]),
            (&[0.02], &[0.02]),
            (&[], &[]),
        ];
        for (p_values, expected) in cases {
            let corrected = holm(p_values);
            assert_eq!(corrected.len(), expected.len());
            assert!(corrected.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{p_values:?}: {corrected:?}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
