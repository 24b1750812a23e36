//! Which of two networks comes down to a validation loss sooner.

use serde_json::{Value, json};

use super::verdict::{self, SIGNIFICANCE};
use super::{PairedDifference, Samples, Tested, holm, mcnemar};

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
    seconds: Lead,
}

/// How long both networks took, in one unit; infinitely long if a fit never came so low, NaN if its times were lost.
#[derive(Debug, Clone)]
struct Lead {
    before: Vec<f64>,
    after: Vec<f64>,
}

impl Races {
    /// Begins with no question about two networks, whose names in JSON these are.
    pub fn between(names: [&'static str; 2]) -> Self {
        Self { names, races: Vec::new() }
    }

    /// Asks of each of these losses, which must be set before any fit, which network came down to it sooner; `how` says how they were
    /// trained, as in `, each at its best rate`.
    ///
    /// # Panics
    /// If both networks were not trained from as many seeds.
    pub fn over<A, B>(&mut self, how: &'static str, levels: &[f64], before: &[Tested<A>], after: &[Tested<B>]) {
        assert_eq!(before.len(), after.len(), "a fit per seed on either side");
        let race = |&level: &f64| Race {
            how,
            level,
            epochs: Lead { before: all(before, level, epochs_to), after: all(after, level, epochs_to) },
            seconds: Lead { before: all(before, level, seconds_to), after: all(after, level, seconds_to) },
        };
        self.races.extend(levels.iter().map(race));
    }

    /// Says of each level which network came down to it sooner.
    pub fn sentences(&self) -> Vec<String> {
        let [before_name, after_name] = self.names.map(|name| name.replace('_', " "));
        let sentence = |(race, [p_epochs, p_seconds]): (&Race, [Option<f64>; 2])| {
            let Race { how, level, epochs, seconds } = race;
            format!(
                "Faster to a validation loss of {level}{how}? In epochs {}{}, in seconds {}{}: {after_name} {}; {before_name} {}.",
                epochs.answer(p_epochs),
                written(p_epochs),
                seconds.answer(p_seconds),
                written(p_seconds),
                described(&epochs.after, &seconds.after),
                described(&epochs.before, &seconds.before),
            )
        };
        self.races.iter().zip(corrected(&self.races)).map(sentence).collect()
    }

    /// Lists what [`sentences`](Self::sentences) says.
    pub fn to_json(&self) -> Value {
        let object = |(race, [epochs, seconds]): (&Race, [Option<f64>; 2])| {
            json!({
                "validation_loss": race.level,
                "how": race.how.trim_start_matches(", "),
                "epochs": race.epochs.to_json(self.names, epochs),
                "seconds": race.seconds.to_json(self.names, seconds),
            })
        };
        self.races.iter().zip(corrected(&self.races)).map(object).collect()
    }
}

fn all<M>(tested: &[Tested<M>], level: f64, time: impl Fn(&Tested<M>, f64) -> f64) -> Vec<f64> {
    tested.iter().map(|it| time(it, level)).collect()
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

impl Lead {
    /// Returns the p-value of no lead: of the paired t test, or, if a fit missed the level, of the sign test, for which a miss is later
    /// than any time. None from one seed, or if times were lost.
    fn p_value(&self) -> Option<f64> {
        let Self { before, after } = self;
        if before.len() < 2 || self.is_lost() {
            return None;
        }
        if before.iter().chain(after).all(|time| time.is_finite()) {
            return PairedDifference::of(before, after).p_value();
        }
        let pairs = || before.iter().zip(after);
        let [before_first, after_first]: [Vec<bool>; 2] =
            [pairs().map(|(before, it)| before < it).collect(), pairs().map(|(before, it)| it < before).collect()];
        Some(mcnemar(&before_first, &after_first).p_value())
    }

    fn is_lost(&self) -> bool {
        self.before.iter().chain(&self.after).any(|time| time.is_nan())
    }

    /// Answers by the corrected p-value, or, from one seed, of that seed alone.
    fn answer(&self, p: Option<f64>) -> &'static str {
        let pairs = || self.before.iter().zip(&self.after);
        let sooner = pairs().filter(|(before, it)| it < before).count();
        let later = pairs().filter(|(before, it)| before < it).count();
        match (p, self.before.len()) {
            _ if self.is_lost() => "unknown",
            (None, 1) if sooner > 0 => "sooner on this seed",
            (None, 1) if later > 0 => "later on this seed",
            (None, _) => "no difference on this seed",
            (Some(p), _) if p >= SIGNIFICANCE => "no clear difference",
            _ if sooner > later => "sooner",
            _ => "later",
        }
    }

    fn to_json(&self, [before, after]: [&str; 2], p: Option<f64>) -> Value {
        let known = |times: &[f64]| times.iter().map(|time| time.is_finite().then_some(*time)).collect::<Vec<_>>();
        json!({ before: known(&self.before), after: known(&self.after), "answer": self.answer(p), "p": p })
    }
}

/// Returns the p-values of epochs and seconds of each race, corrected for their number.
fn corrected(races: &[Race]) -> Vec<[Option<f64>; 2]> {
    let found: Vec<[Option<f64>; 2]> = races.iter().map(|it| [it.epochs.p_value(), it.seconds.p_value()]).collect();
    let mut corrected = holm(&found.iter().flatten().flatten().copied().collect::<Vec<_>>()).into_iter();
    found.into_iter().map(|pair| pair.map(|p| p.and_then(|_| corrected.next()))).collect()
}

fn written(p: Option<f64>) -> String {
    p.map_or(String::new(), |p| format!(" ({})", verdict::written(p)))
}

/// Writes means over the fits that came so low, and how many did not: `4.0 ± 0.7 epochs, 1.31 ± 0.20 s, 1 of 5 never`.
fn described(epochs: &[f64], seconds: &[f64]) -> String {
    let arrived = |times: &[f64]| Samples { values: times.iter().copied().filter(|time| time.is_finite()).collect() };
    let spread = |times: Samples, unit: &str| match times.values.len() {
        0 => format!("unknown {unit}"),
        1 => format!("{:.1} {unit}", times.mean()),
        _ => format!("{:.1} ± {:.1} {unit}", times.mean(), times.standard_deviation()),
    };
    let in_epochs = arrived(epochs);
    match (epochs.len(), epochs.len() - in_epochs.values.len()) {
        (all, missed) if missed == all => "never".to_owned(),
        (_, 0) => format!("{}, {}", spread(in_epochs, "epochs"), spread(arrived(seconds), "s")),
        (all, missed) => {
            format!("{}, {}, {missed} of {all} never", spread(in_epochs, "epochs"), spread(arrived(seconds), "s"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: f64 = f64::INFINITY;

    fn race(before: &[f64], after: &[f64]) -> Race {
        let lead = || Lead { before: before.to_vec(), after: after.to_vec() };
        Race { how: "", level: 0.05, epochs: lead(), seconds: lead() }
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
        assert_eq!(answer(&[NEVER], &[NEVER]), "no difference on this seed");
        assert_eq!(answer(&[f64::NAN, 3.0], &[3.0, 2.0]), "unknown");
    }

    #[test]
    fn a_miss_is_later_than_any_time_and_no_other_fit_is_left_out_for_it() {
        let lead = |before: &[f64], after: &[f64]| race(before, after).epochs.p_value().unwrap();
        // The sign test: all of five pairs one way, 2 / 2^5; four of five, 2 (1 + 5) / 2^5.
        assert!((lead(&[9.0, NEVER, 9.0, 8.0, 9.0], &[3.0, 4.0, 5.0, 4.0, 3.0]) - 2.0 / 32.0).abs() < 1e-12);
        assert!((lead(&[9.0, NEVER, 9.0, 8.0, 9.0], &[3.0, 4.0, 5.0, 4.0, NEVER]) - 12.0 / 32.0).abs() < 1e-12);
        assert_eq!(lead(&[NEVER, NEVER], &[NEVER, NEVER]), 1.0);
        assert_eq!(described(&[4.0, NEVER], &[1.5, NEVER]), "4.0 epochs, 1.5 s, 1 of 2 never");
        assert_eq!(described(&[NEVER, NEVER], &[NEVER, NEVER]), "never");
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
