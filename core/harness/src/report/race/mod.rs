//! Which of two networks comes down to a validation loss sooner.

mod lead;

use serde_json::{Value, json};

use super::{Samples, Tested, holm, verdict};
use lead::Lead;

/// Questions which of two networks comes down to a validation loss sooner, in epochs and in seconds, seed by seed.
#[derive(Debug, Clone)]
pub struct Races {
    /// What JSON calls the networks; text has spaces for underscores.
    names: [&'static str; 2],
    races: Vec<Race>,
}

/// How soon the fits of two networks first had a validation loss of `level` or less, in the order of their seeds.
#[derive(Debug, Clone)]
struct Race {
    /// What is said of how they were trained, after the level.
    how: &'static str,
    level: f64,
    epochs: Lead,
    /// None where other fits shared the threads with some of these.
    seconds: Option<Lead>,
}

impl Races {
    /// Begins with no question about two networks, whose names in JSON these are.
    pub fn between(names: [&'static str; 2]) -> Self {
        Self { names, races: Vec::new() }
    }

    /// Asks of each of these losses, which must be set before any fit, which network came down to it sooner, in epochs and seconds.
    ///
    /// # Panics
    /// If both networks were not trained from as many seeds.
    pub fn over<A, B>(&mut self, levels: &[f64], before: &[Tested<A>], after: &[Tested<B>]) {
        let race = |&level: &f64| Race {
            seconds: Some(Lead::between(
                before,
                after,
                |tested| seconds_to(tested, level),
                |tested| seconds_to(tested, level),
            )),
            ..Race::in_epochs("", level, before, after)
        };
        self.races.extend(levels.iter().map(race));
    }

    /// Asks the same in epochs alone, of fits with which others shared the threads; `how` says how they were trained, as in `, each at
    /// its best rate`.
    ///
    /// # Panics
    /// If both networks were not trained from as many seeds.
    pub fn over_epochs<A, B>(&mut self, how: &'static str, levels: &[f64], before: &[Tested<A>], after: &[Tested<B>]) {
        self.races.extend(levels.iter().map(|&level| Race::in_epochs(how, level, before, after)));
    }

    /// Says of each level which network came down to it sooner, and how that was found.
    pub fn sentences(&self) -> Vec<String> {
        let [before_name, after_name] = self.names.map(|name| name.replace('_', " "));
        let sentence = |(race, p_values): (&Race, [Option<f64>; 2])| {
            let Race { how, level, epochs, seconds } = race;
            let units = [(Some(epochs), "epochs"), (seconds.as_ref(), "seconds")];
            let answers = units
                .iter()
                .zip(p_values)
                .filter_map(|((lead, unit), p)| Some(format!("in {unit} {}{}", (*lead)?.answer(p), written(p))));
            let answers = answers.collect::<Vec<_>>().join(", ");
            let times = |side: fn(&Lead) -> &Vec<f64>| described(side(epochs), seconds.as_ref().map(side));
            format!(
                "Faster to a validation loss of {level}{how}? {}: {after_name} {}; {before_name} {}.",
                capitalised(&answers),
                times(|lead| &lead.after),
                times(|lead| &lead.before),
            )
        };
        let method = "The p-values of these answers are corrected for their number, by Holm's method. They come from a paired t test or, \
                      where a fit never came so low, from a sign test, in which \"never\" counts as later than any time.";
        let is_tested = self.races.iter().any(|race| race.epochs.test().is_some());
        let sentences = self.races.iter().zip(corrected(&self.races)).map(sentence);
        sentences.chain(is_tested.then(|| method.to_owned())).collect()
    }

    /// Lists what [`sentences`](Self::sentences) says.
    pub fn to_json(&self) -> Value {
        let object = |(race, [epochs, seconds]): (&Race, [Option<f64>; 2])| {
            let mut object = json!({
                "validation_loss": race.level,
                "how": race.how.trim_start_matches(", "),
                "epochs": race.epochs.to_json(self.names, epochs),
            });
            if let Some(lead) = &race.seconds {
                object["seconds"] = lead.to_json(self.names, seconds);
            }
            object
        };
        self.races.iter().zip(corrected(&self.races)).map(object).collect()
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

impl Race {
    fn in_epochs<A, B>(how: &'static str, level: f64, before: &[Tested<A>], after: &[Tested<B>]) -> Self {
        let epochs = Lead::between(before, after, |tested| epochs_to(tested, level), |tested| epochs_to(tested, level));
        Self { how, level, epochs, seconds: None }
    }
}

fn epochs_to<M>(tested: &Tested<M>, level: f64) -> f64 {
    let first = tested.fitted.history.epochs().iter().position(|epoch| epoch.validation_loss <= level);
    first.map_or(f64::INFINITY, |index| index as f64 + 1.0)
}

fn seconds_to<M>(tested: &Tested<M>, level: f64) -> f64 {
    match epochs_to(tested, level) {
        epochs if epochs.is_finite() => {
            tested.fitted.elapsed.get(epochs as usize - 1).map_or(f64::NAN, |time| time.as_secs_f64())
        }
        never => never,
    }
}

/// Returns the p-values of epochs and seconds of each race, corrected for their number.
fn corrected(races: &[Race]) -> Vec<[Option<f64>; 2]> {
    let p_values = |race: &Race| [race.epochs.p_value(), race.seconds.as_ref().and_then(Lead::p_value)];
    let found: Vec<[Option<f64>; 2]> = races.iter().map(p_values).collect();
    let mut corrected = holm(&found.iter().flatten().flatten().copied().collect::<Vec<_>>()).into_iter();
    found.into_iter().map(|pair| pair.map(|p| p.and_then(|_| corrected.next()))).collect()
}

fn written(p: Option<f64>) -> String {
    p.map_or(String::new(), |p| format!(" ({})", verdict::written(p)))
}

/// Writes means over the fits that came so low, and how many did not: `4.0 ± 0.7 epochs, 1.31 ± 0.20 s, 1 of 5 never`.
fn described(epochs: &[f64], seconds: Option<&Vec<f64>>) -> String {
    let arrived = |times: &[f64]| Samples { values: times.iter().copied().filter(|time| time.is_finite()).collect() };
    let spread = |times: Samples, unit: &str| match times.values.len() {
        0 => format!("unknown {unit}"),
        1 => format!("{:.1} {unit}", times.mean()),
        _ => format!("{:.1} ± {:.1} {unit}", times.mean(), times.standard_deviation()),
    };
    let in_epochs = arrived(epochs);
    let (all, missed) = (epochs.len(), epochs.len() - in_epochs.values.len());
    if missed == all {
        return "never".to_owned();
    }
    let in_seconds = seconds.map(|times| spread(arrived(times), "s"));
    let misses = (missed > 0).then(|| format!("{missed} of {all} never"));
    [Some(spread(in_epochs, "epochs")), in_seconds, misses].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: f64 = f64::INFINITY;

    fn race(before: &[f64], after: &[f64]) -> Race {
        let lead = || Lead { before: before.to_vec(), after: after.to_vec() };
        Race { how: "", level: 0.05, epochs: lead(), seconds: Some(lead()) }
    }

    #[test]
    fn whoever_is_sooner_on_every_seed_is_faster_and_as_fast_is_no_difference() {
        let p = race(&[4.0, 5.0, 4.0, 5.0, 4.0], &[2.0, 2.0, 1.0, 2.0, 2.0]).epochs.p_value();
        assert!(p.unwrap() < 0.01, "{p:?}");
        let answer = |before: &[f64], after: &[f64]| {
            let races = [race(before, after)];
            races[0].epochs.answer(corrected(&races)[0][0])
        };
        assert_eq!(answer(&[4.0, 5.0, 4.0, 5.0, 4.0], &[2.0, 2.0, 1.0, 2.0, 2.0]), "sooner");
        assert_eq!(answer(&[2.0, 2.0, 1.0, 2.0, 2.0], &[4.0, 5.0, 4.0, 5.0, 4.0]), "later");
        assert_eq!(answer(&[4.0, 5.0, 4.0, 5.0, 4.0], &[5.0, 4.0, 4.0, 5.0, 4.0]), "no clear difference");
        assert_eq!(answer(&[4.0], &[3.0]), "sooner on this seed");
        assert_eq!(answer(&[4.0], &[NEVER]), "later on this seed");
        assert_eq!(answer(&[4.0], &[4.0]), "no difference on this seed");
        assert_eq!(answer(&[NEVER], &[NEVER]), "neither");
        assert_eq!(answer(&[f64::NAN, 3.0], &[3.0, 2.0]), "unknown");
    }

    #[test]
    fn a_miss_is_later_than_any_time_and_no_other_fit_is_left_out_for_it() {
        let lead = |before: &[f64], after: &[f64]| race(before, after).epochs.p_value().unwrap();
        // The sign test: all of five pairs one way, 2 / 2^5; four of five, 2 (1 + 5) / 2^5.
        assert!((lead(&[9.0, NEVER, 9.0, 8.0, 9.0], &[3.0, 4.0, 5.0, 4.0, 3.0]) - 2.0 / 32.0).abs() < 1e-12);
        assert!((lead(&[9.0, NEVER, 9.0, 8.0, 9.0], &[3.0, 4.0, 5.0, 4.0, NEVER]) - 12.0 / 32.0).abs() < 1e-12);
        assert_eq!(lead(&[NEVER, NEVER], &[NEVER, NEVER]), 1.0);
        assert_eq!(described(&[4.0, NEVER], Some(&vec![1.5, NEVER])), "4.0 epochs, 1.5 s, 1 of 2 never");
        assert_eq!(described(&[4.0, NEVER], None), "4.0 epochs, 1 of 2 never");
        assert_eq!(described(&[NEVER, NEVER], Some(&vec![NEVER, NEVER])), "never");
    }

    /// Of networks that are equally good, the old question, whether every fit comes down to its twin's own lowest loss, said No 97 times in
    /// a hundred.
    #[test]
    fn equally_fast_networks_are_rarely_called_sooner_or_later() {
        use rand::rngs::StdRng;
        use rand::{Rng, SeedableRng};
        let mut random = StdRng::seed_from_u64(1);
        let mut draw = || (0..5).map(|_| f64::from(random.gen_range(3..12))).collect::<Vec<_>>();
        let called = (0..2_000).filter(|_| {
            let races: Vec<Race> = (0..3).map(|_| race(&draw(), &draw())).collect();
            corrected(&races).iter().zip(&races).any(|([p, _], race)| race.epochs.answer(*p) != "no clear difference")
        });
        let called = called.count();
        assert!(called <= 100, "{called} of 2,000");
    }
}
