//! Several learning rates, of which each network is judged at its best: batch normalisation is said to allow higher ones
//! ([Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167), section 3.3).

use anyhow::Context;
use ch11_core::data::Digits;
use ch11_core::metrics::evaluate;
use ch11_core::nets::Classifier;
use ch11_core::train::{Fitted, Recipe};
use ch11_harness::cli::Session;
use ch11_harness::report::{Axis, Plot, Row, Samples, Series, Style, Tested};
use serde_json::{Value, json};

use crate::part_a::CLASSES;

/// The learning rates that are tried, besides that of the run.
const RATES: [f32; 5] = [0.001, 0.002, 0.004, 0.008, 0.016];

/// A loss so many times the lowest is near it.
const NEAR_THE_LOWEST: f64 = 1.25;

/// Names the fits.
pub fn fits() -> impl Iterator<Item = String> {
    ["plain", "batch normalisation"].into_iter().flat_map(|name| RATES.map(|rate| fit_name(name, rate)))
}

fn fit_name(name: &str, rate: f32) -> String {
    format!("d/{}-rate-{rate}", name.replace(' ', "-"))
}

/// A network at several learning rates.
pub struct Sweep<M> {
    name: &'static str,
    /// The lowest validation loss from each seed, by rate, in ascending order. A rate at which a fit diverged is missing.
    losses: Vec<(f32, Samples)>,
    /// The rate whose mean loss is lowest.
    pub best_rate: f32,
    /// The networks of that rate, tested.
    pub best: Vec<Tested<M>>,
}

impl<M: Classifier<784, CLASSES>> Sweep<M> {
    /// Trains the network at each rate but that of the recipe, at which it was trained already. Only those of the best rate are tested.
    pub fn of(
        name: &'static str,
        session: &Session,
        recipe: Recipe,
        own: &[Tested<M>],
        network: impl Fn(u64) -> M + Sync,
    ) -> anyhow::Result<Self> {
        let Digits { train, validation, test, .. } = &session.digits;
        let others: Vec<f32> = RATES.into_iter().filter(|&rate| rate != recipe.learning_rate).collect();
        let mut fitted = session.side_by_side_unless_diverged(&others, |&rate| {
            let fits = session.fits(&fit_name(name, rate), Recipe { learning_rate: rate, ..recipe }).decided().brief();
            Ok((rate, fits.each_seed(|run| run.fit(network(run.seed), train, validation))?))
        })?;
        let own_losses = (recipe.learning_rate, Samples::of(own, Tested::validation_loss));
        let mut losses: Vec<(f32, Samples)> =
            fitted.iter().map(|(rate, fits)| (*rate, Samples::of(fits, lowest_loss))).chain([own_losses]).collect();
        losses.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let best_rate =
            losses.iter().min_by(|(_, a), (_, b)| a.mean().total_cmp(&b.mean())).map_or(0.0, |(rate, _)| *rate);
        let best = match fitted.iter().position(|(rate, _)| *rate == best_rate) {
            None => own.to_vec(),
            Some(index) => {
                let (_, fits) = fitted.swap_remove(index);
                let tested = fits.into_iter().map(|fitted| {
                    let test = evaluate(&fitted.network, test);
                    Tested::new(fitted, test).context("8d: a test loss is not finite; try another --seed")
                });
                tested.collect::<anyhow::Result<_>>()?
            }
        };
        Ok(Self { name, losses, best_rate, best })
    }

    /// Returns the row of the best rate.
    pub fn best_row(&self) -> Row {
        Row::of(&format!("{}, rate {}", self.name, self.best_rate), &self.best)
    }

    fn points(&self) -> Vec<(f64, f64)> {
        self.means().map(|(rate, mean)| (f64::from(rate), mean)).collect()
    }

    fn series(&self) -> Series {
        let best = self.losses.iter().position(|(rate, _)| *rate == self.best_rate);
        Series::new(self.name, self.points(), Style::Line).marked(best)
    }

    /// Returns the mean validation loss at each rate, in ascending order of the rates.
    fn means(&self) -> impl Iterator<Item = (f32, f64)> {
        self.losses.iter().map(|(rate, losses)| (*rate, losses.mean()))
    }

    /// Returns the highest rate at which the mean validation loss is still near the lowest.
    fn highest_good_rate(&self) -> f32 {
        let lowest = self.means().map(|(_, mean)| mean).fold(f64::INFINITY, f64::min);
        self.means().filter(|(_, mean)| *mean <= NEAR_THE_LOWEST * lowest).map(|(rate, _)| rate).fold(0.0, f32::max)
    }

    /// Writes the lowest mean validation loss, with its spread over several seeds.
    fn lowest_in_words(&self) -> String {
        let losses = self.losses.iter().find(|(rate, _)| *rate == self.best_rate).map(|(_, losses)| losses);
        losses.map_or("none".to_owned(), |losses| match losses.values.len() {
            1 => format!("{:.4}", losses.mean()),
            _ => format!("{:.4} ± {:.4}", losses.mean(), losses.standard_deviation()),
        })
    }
}

fn lowest_loss<M>(fitted: &Fitted<M>) -> f64 {
    fitted.history.best().map_or(f64::NAN, |(_, best)| best.validation_loss)
}

/// Says whether batch normalisation allows higher learning rates: up to which the validation loss stays near the lowest.
pub fn borne<A: Classifier<784, CLASSES>, B: Classifier<784, CLASSES>>(
    plain: &Sweep<A>,
    normalised: &Sweep<B>,
) -> String {
    let [highest, plain_highest] = [normalised.highest_good_rate(), plain.highest_good_rate()];
    format!(
        "Does it allow higher learning rates? {}: of the rates from {} to {}, the validation loss stays within a quarter of its lowest up to \
         {highest} with batch normalisation, and up to {plain_highest} without. It is lowest at {} with it ({}) and at {} without ({}).",
        if highest > plain_highest { "Yes" } else { "No" },
        RATES[0],
        RATES[RATES.len() - 1],
        normalised.best_rate,
        normalised.lowest_in_words(),
        plain.best_rate,
        plain.lowest_in_words(),
    )
}

/// Draws the validation loss of both networks against the learning rate.
pub fn plot<A: Classifier<784, CLASSES>, B: Classifier<784, CLASSES>>(plain: &Sweep<A>, normalised: &Sweep<B>) -> Plot {
    let series = vec![plain.series(), normalised.series().coloured(1)];
    Plot { x: Axis::logarithmic("learning rate"), y: Axis::logarithmic("validation loss"), series }
}

/// Lists the validation losses of both networks by rate, without rates at which a fit diverged, and the best rates.
pub fn to_json<A, B>(plain: &Sweep<A>, normalised: &Sweep<B>) -> Value {
    let list = |losses: &[(f32, Samples)]| -> Vec<Value> {
        losses.iter().map(|(rate, losses)| json!({ "rate": rate, "validation_loss": losses.to_json() })).collect()
    };
    json!({
        "plain": { "best": plain.best_rate, "tried": list(&plain.losses) },
        "batch_norm": { "best": normalised.best_rate, "tried": list(&normalised.losses) },
    })
}
