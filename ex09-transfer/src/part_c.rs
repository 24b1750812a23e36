//! 9c. Cache what the frozen layers make of the images, and train the same output layer on that.

use std::time::Duration;

use anyhow::ensure;
use ch11_core::nets::{Frozen, build, export_tensors};
use ch11_harness::cli::Session;
use ch11_harness::report::{Axis, Findings, Plot, Row, Samples, Series, Style, Tested};
use serde_json::{Value, json};

use crate::few_images::FewImages;
use crate::part_a::OnFiveFrozen;
use crate::pretrained::{Pretrained, with_output};
use crate::recipes::{HEAD, fits};

/// The name of the fit.
pub const FIT: &str = "cached5";

const NOTEBOOK_ACCURACY: f64 = 0.612;

/// Trains on a dataset of 100 features, and checks that the weights end bit for bit as in part b.
pub fn run(
    session: &Session,
    networks: &[Pretrained],
    images: &FewImages,
    uncached: &[Tested<OnFiveFrozen>],
) -> anyhow::Result<Findings> {
    let starts: Vec<_> = networks.iter().zip(uncached).collect();
    let cached = fits(session, FIT, HEAD).each_seed_from(&starts, |run, (network, uncached)| {
        let (h1, h2, h3, h4, h5, _output) = (*network).clone();
        let frozen = Frozen((h1, h2, h3, h4, h5));
        let tested = images.fit_above(&run, &frozen, (build(run.seed),), |output| with_output(&frozen, output))?;
        must_be_same(uncached, &tested)?;
        Ok(tested)
    })?;
    let row = Row::of("five frozen, cached", &cached).key(FIT).notebook(NOTEBOOK_ACCURACY);
    let speed_ups =
        SpeedUps(uncached.iter().zip(&cached).map(|(uncached, cached)| SpeedUp::new(uncached, cached)).collect());
    let findings = Findings::new("9c", "When the cache has paid for itself")
        .rows([row])
        .say(format!("the same weights, bit for bit. {}", speed_ups.sentence()))
        .value("speedup", speed_ups.to_json());
    Ok(match speed_ups.0.as_deref() {
        Some([first, ..]) => first.show(findings),
        _ => findings,
    })
}

/// Checks that a fit with the cache ended in the weights of the fit without it.
fn must_be_same(uncached: &Tested<OnFiveFrozen>, cached: &Tested<Pretrained>) -> anyhow::Result<()> {
    let ((.., output), (.., uncached_output)) = (cached.fitted.network.clone(), uncached.fitted.network.clone());
    let same = export_tensors(&(output,)) == export_tensors(&(uncached_output,));
    ensure!(
        same && cached.fitted.history == uncached.fitted.history,
        "9c: the weights differ from those trained without the cache; please report this"
    );
    Ok(())
}

/// What caching is worth, from each seed; nothing if a time is not known.
struct SpeedUps(Option<Vec<SpeedUp>>);

impl SpeedUps {
    fn to_json(&self) -> Value {
        let Some(fits) = &self.0 else { return Value::Null };
        json!({
            "per_epoch": samples(fits, |it| it.per_epoch).to_json(),
            "total": samples(fits, |it| it.total).to_json(),
            "break_even_epoch": break_even(fits).as_ref().map(Samples::to_json),
        })
    }

    fn sentence(&self) -> String {
        let Some(fits) = &self.0 else {
            return "How much faster it is with the cache cannot be told: the times of a fit are not known.".to_owned();
        };
        let paid_back = match break_even(fits) {
            Some(epoch) => format!("which is paid back in epoch {:.0}", epoch.mean()),
            None => "which was not paid back in so few epochs".to_owned(),
        };
        format!(
            "With the cache an epoch is {:.1} times as fast, and the whole fit {:.1} times with the cache's own cost in it, {paid_back}.",
            samples(fits, |it| it.per_epoch).mean(),
            samples(fits, |it| it.total).mean(),
        )
    }
}

fn samples(fits: &[SpeedUp], number: impl Fn(&SpeedUp) -> f64) -> Samples {
    Samples { values: fits.iter().map(number).collect() }
}

/// Returns the epoch in which caching has paid for itself, if it has in every fit.
fn break_even(fits: &[SpeedUp]) -> Option<Samples> {
    let epochs: Option<Vec<f64>> = fits.iter().map(|it| it.break_even_epoch.map(|epoch| epoch as f64)).collect();
    epochs.map(|values| Samples { values })
}

/// What caching is worth in one fit.
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
    fn show(&self, findings: Findings) -> Findings {
        let points = |seconds: &[f64]| (1..).map(f64::from).zip(seconds.iter().copied()).collect();
        let [without, with] = &self.until;
        let series = vec![
            Series::new("without the cache", points(without), Style::Line),
            Series::new("with it, its own cost counted", points(with), Style::Line)
                .coloured(1)
                .marked(self.break_even_epoch.map(|epoch| epoch - 1)),
        ];
        let plot = Plot { x: Axis::logarithmic("epoch"), y: Axis::logarithmic("seconds of training"), series };
        findings.plots("The dot marks the first epoch by whose end the cache has saved time.", vec![plot])
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
        SpeedUps(SpeedUp::new(&tested(uncached), &cached).map(|it| vec![it]))
    }

    #[test]
    fn the_cache_is_compared_by_the_times() {
        let known = of(&[4, 4, 4], &[2, 2, 2]);
        assert!(known.sentence().contains("is 2.0 times as fast, and the whole fit 1.3 times"), "{}", known.sentence());
        assert_eq!(known.to_json(), json!({ "per_epoch": 2.0, "total": 12.0 / 9.0, "break_even_epoch": 2.0 }));
    }

    #[test]
    fn nothing_is_made_of_times_that_are_not_known_or_none() {
        for unknown in [of(&[], &[1, 1]), of(&[1, 1], &[]), of(&[1, 1], &[0, 0])] {
            assert!(unknown.sentence().ends_with("cannot be told: the times of a fit are not known."));
            assert_eq!(unknown.to_json(), Value::Null);
        }
    }
}
