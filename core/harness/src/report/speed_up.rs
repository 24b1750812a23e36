//! What it is worth to prepare something once, such as a cache, before a fit.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Axis, Plot, Samples, Series, Style, Tested};

/// What a cache is worth, from each seed; nothing if a time is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeedUps(Option<Vec<SpeedUp>>);

impl SpeedUps {
    /// Compares fits without a cache with the same fits with it, whose preparation was to make it.
    pub fn of<A, B>(uncached: &[Tested<A>], cached: &[Tested<B>]) -> Self {
        Self(uncached.iter().zip(cached).map(|(uncached, cached)| SpeedUp::new(uncached, cached)).collect())
    }

    /// Plots when the first seed's cache has paid for itself.
    pub fn plot(&self) -> Option<Plot> {
        self.0.as_ref()?.first().map(SpeedUp::plot)
    }

    /// Writes `{"per_epoch", "total", "break_even_epoch"}`, or null if it is not known.
    pub fn to_json(&self) -> Value {
        let Some(fits) = &self.0 else { return Value::Null };
        json!({
            "per_epoch": Samples::of(fits, |it| it.per_epoch).to_json(),
            "total": Samples::of(fits, |it| it.total).to_json(),
            "break_even_epoch": break_even(fits).as_ref().map(Samples::to_json),
        })
    }

    /// Says how many times as fast it is with the cache, an epoch and the whole fit.
    pub fn sentence(&self) -> String {
        let Some(fits) = &self.0 else {
            return "How much time the cache saves is unknown: the times of a fit were lost.".to_owned();
        };
        let paid_back = match break_even(fits) {
            Some(epoch) => format!("The cache has paid for itself by epoch {:.0}", epoch.mean()),
            None => "The fit was too short for the cache to pay for itself".to_owned(),
        };
        format!(
            "With the cache, an epoch is {:.1} times as fast, and the whole fit, including the time to build the cache, {:.1} times as fast. {paid_back}.",
            Samples::of(fits, |it| it.per_epoch).mean(),
            Samples::of(fits, |it| it.total).mean(),
        )
    }
}

/// Returns the epoch in which caching has paid for itself, if it has in every fit.
fn break_even(fits: &[SpeedUp]) -> Option<Samples> {
    let epochs: Option<Vec<f64>> = fits.iter().map(|it| it.break_even_epoch.map(|epoch| epoch as f64)).collect();
    epochs.map(|values| Samples { values })
}

/// What caching is worth in one fit.
#[derive(Debug, Clone, PartialEq)]
struct SpeedUp {
    /// How many times as fast an epoch's training is, by the median.
    per_epoch: f64,
    /// How many times as fast the whole fit is, with the cost of making the cache.
    total: f64,
    /// The epoch in which caching has paid for itself, if it has.
    break_even_epoch: Option<usize>,
    /// Seconds of training until the end of each epoch: without the cache, and with it, its own cost counted.
    until: [Vec<f64>; 2],
}

impl SpeedUp {
    /// Compares the times of two fits, if all are known.
    fn new<A, B>(uncached: &Tested<A>, cached: &Tested<B>) -> Option<Self> {
        let sums = |before: Duration, durations: &[Duration]| -> Vec<f64> {
            let sum = durations.iter().scan(before.as_secs_f64(), |sum, duration| {
                *sum += duration.as_secs_f64();
                Some(*sum)
            });
            sum.collect()
        };
        let without = sums(Duration::ZERO, &uncached.fitted.epoch_durations);
        let with = sums(cached.preparation, &cached.fitted.epoch_durations);
        let paid = without.iter().zip(&with).position(|(without, with)| without >= with);
        Some(Self {
            per_epoch: ratio(uncached.fitted.median_epoch()?, cached.fitted.median_epoch()?)?,
            total: ratio(uncached.duration()?, cached.duration()?)?,
            break_even_epoch: paid.map(|index| index + 1),
            until: [without, with],
        })
    }

    /// Plots when the cache has paid for itself.
    fn plot(&self) -> Plot {
        let points = |seconds: &[f64]| (1..).map(f64::from).zip(seconds.iter().copied()).collect();
        let [without, with] = &self.until;
        let series = vec![
            Series::new("without the cache", points(without), Style::Line),
            Series::new("with it, its own cost counted", points(with), Style::Line)
                .coloured(1)
                .marked(self.break_even_epoch.map(|epoch| epoch - 1)),
        ];
        Plot { x: Axis::logarithmic("epoch"), y: Axis::logarithmic("seconds of training"), series }
    }
}

/// Returns how many times as long one time is as another, which a clock may have found to be none.
fn ratio(longer: Duration, shorter: Duration) -> Option<f64> {
    (!shorter.is_zero()).then(|| longer.as_secs_f64() / shorter.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use ch11_core::metrics::{ConfusionMatrix, Evaluation};
    use ch11_core::train::{Ending, Fitted, History};

    use super::*;

    /// A fit of epochs that took so many seconds.
    fn tested(seconds: &[u64]) -> Tested<()> {
        let epoch_durations: Vec<Duration> = seconds.iter().copied().map(Duration::from_secs).collect();
        let elapsed = (1..=seconds.len()).map(|epochs| epoch_durations[..epochs].iter().sum()).collect();
        let (history, ending) = (History::default(), Ending::EpochLimit);
        let test = Evaluation { loss: 0.0, confusion: ConfusionMatrix::new(5), predictions: Vec::new() };
        let fitted = Fitted { network: (), history, ending, epoch_durations, elapsed };
        Tested { fitted, test, preparation: Duration::ZERO }
    }

    fn of(uncached: &[u64], cached: &[u64]) -> SpeedUps {
        let cached = tested(cached).after(Duration::from_secs(3));
        SpeedUps::of(&[tested(uncached)], &[cached])
    }

    #[test]
    fn the_cache_is_compared_by_the_times() {
        let known = of(&[4, 4, 4], &[2, 2, 2]);
        let said =
            "is 2.0 times as fast, and the whole fit, including the time to build the cache, 1.3 times as fast. ";
        assert!(known.sentence().contains(said), "{}", known.sentence());
        assert_eq!(known.to_json(), json!({ "per_epoch": 2.0, "total": 12.0 / 9.0, "break_even_epoch": 2.0 }));
    }

    #[test]
    fn nothing_is_made_of_times_that_are_not_known_or_none() {
        for unknown in [of(&[], &[1, 1]), of(&[1, 1], &[]), of(&[1, 1], &[0, 0])] {
            assert!(unknown.sentence().ends_with("is unknown: the times of a fit were lost."));
            assert_eq!(unknown.to_json(), Value::Null);
        }
    }
}
