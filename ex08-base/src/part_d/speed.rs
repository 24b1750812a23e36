//! Which of two networks comes down to a validation loss sooner.

use ch11_harness::report::{PairedDifference, Samples, Tested, holm, mcnemar};
use serde_json::{Value, json};

/// The validation losses to come down to. They were set before any fit; part b's network ends a little below the last.
const LEVELS: [f64; 3] = [0.05, 0.03, 0.02];

/// A corrected p-value below this is a difference.
const SIGNIFICANCE: f64 = 0.05;

/// When each fit of two networks first had a validation loss of `level` or less, in the order of their seeds.
pub struct Race {
    /// What is said of how they were trained.
    how: &'static str,
    level: f64,
    epochs: Lead,
    seconds: Lead,
}

/// How long both networks took, in one unit; infinitely long if a fit never came so low, NaN if its times were lost.
struct Lead {
    plain: Vec<f64>,
    normalised: Vec<f64>,
}

impl Race {
    /// Looks at the same fits for each level.
    pub fn over_all_levels<A, B>(how: &'static str, plain: &[Tested<A>], normalised: &[Tested<B>]) -> Vec<Self> {
        let race = |level| Self {
            how,
            level,
            epochs: Lead { plain: all(plain, level, epochs_to), normalised: all(normalised, level, epochs_to) },
            seconds: Lead { plain: all(plain, level, seconds_to), normalised: all(normalised, level, seconds_to) },
        };
        LEVELS.map(race).into()
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
        let Self { plain, normalised } = self;
        if plain.len() < 2 || self.is_lost() {
            return None;
        }
        if plain.iter().chain(normalised).all(|time| time.is_finite()) {
            return PairedDifference::of(plain, normalised).p_value();
        }
        let pairs = || plain.iter().zip(normalised);
        let [plain_first, normalised_first]: [Vec<bool>; 2] =
            [pairs().map(|(plain, it)| plain < it).collect(), pairs().map(|(plain, it)| it < plain).collect()];
        Some(mcnemar(&plain_first, &normalised_first).p_value())
    }

    fn is_lost(&self) -> bool {
        self.plain.iter().chain(&self.normalised).any(|time| time.is_nan())
    }

    /// Answers by the corrected p-value, or, from one seed, of that seed alone.
    fn answer(&self, p: Option<f64>) -> &'static str {
        let pairs = || self.plain.iter().zip(&self.normalised);
        let sooner = pairs().filter(|(plain, it)| it < plain).count();
        let later = pairs().filter(|(plain, it)| plain < it).count();
        match (p, self.plain.len()) {
            _ if self.is_lost() => "unknown",
            (None, 1) if sooner > 0 => "sooner on this seed",
            (None, 1) if later > 0 => "later on this seed",
            (None, _) => "no difference on this seed",
            (Some(p), _) if p >= SIGNIFICANCE => "no clear difference",
            _ if sooner > later => "sooner",
            _ => "later",
        }
    }

    fn to_json(&self, p: Option<f64>) -> Value {
        let known =
            |times: &[f64]| json!(times.iter().map(|time| time.is_finite().then_some(time)).collect::<Vec<_>>());
        json!({ "plain": known(&self.plain), "batch_norm": known(&self.normalised), "answer": self.answer(p), "p": p })
    }
}

/// Returns the p-values of epochs and seconds of each race, corrected for their number.
fn corrected(races: &[Race]) -> Vec<[Option<f64>; 2]> {
    let found: Vec<[Option<f64>; 2]> = races.iter().map(|it| [it.epochs.p_value(), it.seconds.p_value()]).collect();
    let mut corrected = holm(&found.iter().flatten().flatten().copied().collect::<Vec<_>>()).into_iter();
    found.into_iter().map(|pair| pair.map(|p| p.and_then(|_| corrected.next()))).collect()
}

/// Says of each level which network came down to it sooner.
pub fn answers(races: &[Race]) -> Vec<String> {
    let sentence = |(race, [epochs, seconds]): (&Race, [Option<f64>; 2])| {
        let Race { how, level, .. } = race;
        let [answer, in_seconds] = [race.epochs.answer(epochs), race.seconds.answer(seconds)];
        format!(
            "Faster to a validation loss of {level}{how}? In epochs {answer}{}, in seconds {in_seconds}{}: with batch normalisation {}; plain {}.",
            written(epochs),
            written(seconds),
            described(&race.epochs.normalised, &race.seconds.normalised),
            described(&race.epochs.plain, &race.seconds.plain),
        )
    };
    races.iter().zip(corrected(races)).map(sentence).collect()
}

/// Lists what [`answers`] says.
pub fn to_json(races: &[Race]) -> Value {
    let object = |(race, [epochs, seconds]): (&Race, [Option<f64>; 2])| {
        json!({
            "validation_loss": race.level,
            "at_best_rates": !race.how.is_empty(),
            "epochs": race.epochs.to_json(epochs),
            "seconds": race.seconds.to_json(seconds),
        })
    };
    races.iter().zip(corrected(races)).map(object).collect()
}

fn written(p: Option<f64>) -> String {
    p.map_or(String::new(), |p| format!(" (p = {p:.3})"))
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

    fn race(plain: &[f64], normalised: &[f64]) -> Race {
        let lead = || Lead { plain: plain.to_vec(), normalised: normalised.to_vec() };
        Race { how: "", level: 0.05, epochs: lead(), seconds: lead() }
    }

    #[test]
    fn whoever_is_sooner_on_every_seed_is_faster_and_as_fast_is_no_difference() {
        let p = race(&[4.0, 5.0, 4.0, 5.0, 4.0], &[2.0, 2.0, 1.0, 2.0, 2.0]).epochs.p_value();
        assert!(p.unwrap() < 0.01, "{p:?}");
        let answer = |plain: &[f64], normalised: &[f64]| {
            let races = [race(plain, normalised)];
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
        let lead = |plain: &[f64], normalised: &[f64]| race(plain, normalised).epochs.p_value().unwrap();
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
