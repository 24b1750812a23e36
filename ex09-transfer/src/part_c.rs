//! 9c. Cache what the frozen layers make of the images, and train the same output layer on that.

use std::time::Duration;

use anyhow::ensure;
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Frozen, build, export_tensors};
use ch11_core::train::Fitted;
use ch11_harness::cli::Session;
use ch11_harness::report::{Axis, Plot, ResultRow, Samples, Section, Series, Style};
use serde_json::{Value, json};

use crate::few_images::FewImages;
use crate::part_a::OnFiveFrozen;
use crate::pretrained::{Pretrained, with_output};
use crate::recipes::{HEAD, QUICK_EPOCHS};
use crate::results::Closing;

const NOTEBOOK_ACCURACY: f64 = 0.612;

/// Trains on a dataset of 100 features, and checks that the weights end bit for bit as in part b.
pub fn run(
    session: &mut Session,
    networks: &[Pretrained],
    images: &FewImages,
    uncached: &[Fitted<OnFiveFrozen>],
    closing: &mut Closing,
) -> anyhow::Result<()> {
    let runs = session.stage("cached5", HEAD).quick(QUICK_EPOCHS).brief().each_seed(|run| {
        let (h1, h2, h3, h4, h5, _output) = networks[run.index].clone();
        let hidden = Frozen((h1, h2, h3, h4, h5));
        let (train, validation, caching) = images.through(&hidden)?;

        let output = (build(run.seed),);
        let fitted = run.fit_above(output, |output| with_output(&hidden, output), &train, &validation)?;
        let test = evaluate(&fitted.network, &images.test);
        let result = run.result(&fitted, &test)?.after(caching);

        let uncached = &uncached[run.index];
        let ((.., output), (.., uncached_output)) = (fitted.network.clone(), uncached.network.clone());
        let same = export_tensors(&(output,)) == export_tensors(&(uncached_output,));
        ensure!(
            same && fitted.history == uncached.history,
            "9c: the weights differ from those trained without the cache; please report this"
        );
        Ok((result, SpeedUp::new(uncached, &fitted, caching)))
    })?;
    let (results, speed_ups): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    let row = ResultRow::new(results);
    let speed_ups = SpeedUps(speed_ups.into_iter().collect());
    session.add_part("c", json!({ "cached5": row.to_json(), "speedup": speed_ups.to_json() }));
    closing.add(("9c", "five frozen, cached"), "cached5", row, Some(NOTEBOOK_ACCURACY));
    closing.say(format!("9c: the same weights, bit for bit. {}", speed_ups.sentence()));
    if let Some([first, ..]) = speed_ups.0.as_deref() {
        closing.show(first.show());
    }
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
    fn new<A, B>(uncached: &Fitted<A>, cached: &Fitted<B>, caching: Duration) -> Option<Self> {
        let sums = |before: Duration, durations: &[Duration]| -> Vec<f64> {
            let sum = durations.iter().scan(before.as_secs_f64(), |sum, duration| {
                *sum += duration.as_secs_f64();
                Some(*sum)
            });
            sum.collect()
        };
        let (without, with) = (sums(Duration::ZERO, &uncached.epoch_durations), sums(caching, &cached.epoch_durations));
        let paid = without.iter().zip(&with).position(|(without, with)| without >= with);
        Some(Self {
            per_epoch: ratio(uncached.median_epoch()?, cached.median_epoch()?)?,
            total: ratio(uncached.duration()?, cached.duration()? + caching)?,
            break_even_epoch: paid.map(|index| index + 1),
            until: [without, with],
        })
    }

    /// Plots when the cache has paid for itself.
    fn show(&self) -> Section {
        let points = |seconds: &[f64]| (1..).map(f64::from).zip(seconds.iter().copied()).collect();
        let [without, with] = &self.until;
        let series = vec![
            Series::new("without the cache", points(without), Style::Line),
            Series::new("with it, its own cost counted", points(with), Style::Line)
                .coloured(1)
                .marked(self.break_even_epoch.map(|epoch| epoch - 1)),
        ];
        let plot = Plot { x: Axis::logarithmic("epoch"), y: Axis::logarithmic("seconds of training"), series };
        Section::new("9c. When the cache has paid for itself")
            .plots("The dot marks the first epoch by whose end the cache has saved time.", &[plot])
    }
}

/// Returns how many times as long one time is as another, which a clock may have found to be none.
fn ratio(longer: Duration, shorter: Duration) -> Option<f64> {
    (!shorter.is_zero()).then(|| longer.as_secs_f64() / shorter.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use ch11_core::train::{Ending, History};

    use super::*;

    /// A fit of epochs that took so many seconds.
    fn fitted(seconds: &[u64]) -> Fitted<()> {
        let epoch_durations: Vec<Duration> = seconds.iter().copied().map(Duration::from_secs).collect();
        let elapsed = (1..=seconds.len()).map(|epochs| epoch_durations[..epochs].iter().sum()).collect();
        Fitted { network: (), history: History::default(), ending: Ending::EpochLimit, epoch_durations, elapsed }
    }

    fn of(uncached: &[u64], cached: &[u64]) -> SpeedUps {
        SpeedUps(SpeedUp::new(&fitted(uncached), &fitted(cached), Duration::from_secs(3)).map(|it| vec![it]))
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
