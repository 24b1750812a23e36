//! The exponential moving average of the weights.

/// Returns the decay to use in step `steps`, so that the initial weights have no part in the average.
///
/// The average is then a weighted mean of the weights after each step so far, in which each counts `decay` times as
/// much as the next. The correction is the one that Adam makes for its moments' start from 0: in step t,
/// `(1 - decay^(t-1)) / (1 - decay^t)`.
pub(super) fn corrected_decay(decay: f32, steps: i32) -> f64 {
    let decay = f64::from(decay);
    decay * (1.0 - decay.powi(steps - 1)) / (1.0 - decay.powi(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_the_weighted_mean_of_the_weights_after_each_step() {
        let weights = [3.0, -1.0, 4.0, 1.5, -9.0_f64];
        let decay = 0.8_f32;
        // The initial weights, here 1000, must have no part in it.
        let mut average = 1000.0;
        for (step, weight) in (1..).zip(weights) {
            let keep = corrected_decay(decay, step);
            average = keep * average + (1.0 - keep) * weight;
        }
        let powers = [4, 3, 2, 1, 0].map(|age| f64::from(decay).powi(age));
        let expected: f64 = powers.iter().zip(weights).map(|(power, weight)| power * weight).sum();
        assert!((average - expected / powers.iter().sum::<f64>()).abs() < 1e-12);
    }
}
