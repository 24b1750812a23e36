//! 9c. Cache what the frozen layers make of the images, and train the same output layer on that.

use std::time::Duration;

use anyhow::ensure;
use ch11_core::cli::Session;
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Frozen, build, export_tensors};
use ch11_core::report::{Axis, Plot, ResultRow, RunResult, Samples, Section, Series, Style};
use ch11_core::train::Fitted;
use serde_json::json;

use crate::few_images::FewImages;
use crate::part_a::OnFiveFrozen;
use crate::pretrained::{Pretrained, with_output};
use crate::recipes::HEAD;
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
    let runs = session.stage("cached5", HEAD).brief().each_seed(|run| {
        let (h1, h2, h3, h4, h5, _output) = networks[run.index].clone();
        let hidden = Frozen((h1, h2, h3, h4, h5));
        let (train, validation, caching) = images.through(&hidden)?;

        let output = (build(run.seed),);
        let fitted = run.fit_above(output, |output| with_output(&hidden, output), &train, &validation)?;
        let test = evaluate(&fitted.network, &images.test);
        let result = RunResult::new(&fitted, &test).after(caching);

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
    let samples = |number: fn(&SpeedUp) -> f64| Samples { values: speed_ups.iter().map(number).collect() };
    let (per_epoch, total) = (samples(|it| it.per_epoch), samples(|it| it.total));
    let break_even: Option<Vec<f64>> =
        speed_ups.iter().map(|it| it.break_even_epoch.map(|epoch| epoch as f64)).collect();
    let break_even = break_even.map(|values| Samples { values });
    session.add_part(
        "c",
        json!({
            "cached5": row.to_json(),
            "speedup": {
                "per_epoch": per_epoch.to_json(),
                "total": total.to_json(),
                "break_even_epoch": break_even.as_ref().map(Samples::to_json),
            },
        }),
    );
    closing.add(("9c", "five frozen, cached"), "cached5", row, Some(NOTEBOOK_ACCURACY));
    let paid_back = match break_even {
        Some(epoch) => format!("which is paid back in epoch {:.0}", epoch.mean()),
        None => "which was not paid back in so few epochs".to_owned(),
    };
    closing.say(format!(
        "9c: the same weights, bit for bit. With the cache an epoch is {:.1} times as fast, and the whole fit {:.1} times with the \
         cache's own cost in it, {paid_back}.",
        per_epoch.mean(),
        total.mean(),
    ));
    closing.show(speed_ups[0].show());
    Ok(())
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
    fn new<A, B>(uncached: &Fitted<A>, cached: &Fitted<B>, caching: Duration) -> Self {
        let sums = |before: Duration, durations: &[Duration]| -> Vec<f64> {
            let sum = durations.iter().scan(before.as_secs_f64(), |sum, duration| {
                *sum += duration.as_secs_f64();
                Some(*sum)
            });
            sum.collect()
        };
        let (without, with) = (sums(Duration::ZERO, &uncached.epoch_durations), sums(caching, &cached.epoch_durations));
        let paid = without.iter().zip(&with).position(|(without, with)| without >= with);
        Self {
            per_epoch: uncached.median_epoch().as_secs_f64() / cached.median_epoch().as_secs_f64(),
            total: uncached.duration.as_secs_f64() / (cached.duration + caching).as_secs_f64(),
            break_even_epoch: paid.map(|index| index + 1),
            until: [without, with],
        }
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
