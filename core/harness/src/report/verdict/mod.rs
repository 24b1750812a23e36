//! Verdicts: what may be said of a difference, and how surely.
//!
//! With several seeds, a verdict follows from the [`PairedDifference`] over the seeds; with one, from McNemar's test on the test
//! instances, and it speaks of this seed alone. The p-values of all verdicts of a run are corrected together, by [`holm`]. The intervals
//! are not: each is the 95 % interval of its own difference, which says how large that may be, whatever else was asked.

mod holm;
mod mcnemar;
mod over_labels;
mod paired_difference;
#[cfg(test)]
mod tests;

use ch11_core::text::thousands;
use serde_json::{Value, json};

pub use holm::holm;
pub use mcnemar::{McNemar, mcnemar};
pub use over_labels::{LabelCount, over_labels};
pub use paired_difference::PairedDifference;
#[cfg(test)]
pub(super) use tests::comparison;

use super::{Row, percent};

/// A corrected p-value below this is a difference.
pub(super) const SIGNIFICANCE: f64 = 0.05;

/// A question: does what the second row has, and the first has not, help?
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The part that asks, such as `8d`.
    pub part: String,
    /// What the second row has and the first has not.
    pub what: String,
    /// The first row.
    pub before: Row,
    /// The second row, from the same seeds, tested on the same instances.
    pub after: Row,
    /// Of a question that is asked from several numbers of labels, this one.
    pub labels: Option<LabelCount>,
}

/// What the measurements answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Over the seeds, accuracy is higher.
    Helps,
    /// Over the seeds, accuracy is lower.
    Hurts,
    /// Over the seeds, chance may have made the difference.
    NoClearDifference,
    /// On the only seed, accuracy is higher.
    BetterOnThisSeed,
    /// On the only seed, accuracy is lower.
    WorseOnThisSeed,
    /// On the only seed, chance may have made the difference.
    NoClearDifferenceOnThisSeed,
    /// Too many fits have failed to tell.
    Unknown,
}

/// How a p-value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The t test over the differences of several seeds.
    PairedT,
    /// The sign test over the differences of several seeds, which are all the same.
    Sign,
    /// McNemar's exact test over the test instances of one seed.
    McNemar(McNemar),
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The question.
    pub comparison: Comparison,
    /// What the measurements answer.
    pub answer: Answer,
    /// The difference in test accuracy.
    pub accuracy: PairedDifference,
    /// The difference in test loss.
    pub loss: PairedDifference,
    /// The 95 % interval of the difference in accuracy, if there is one; it is not corrected for other verdicts.
    pub interval: Option<[f64; 2]>,
    /// How the p-value was found, if it was.
    pub test: Option<Test>,
    /// The p-value of this question alone.
    pub uncorrected_p: Option<f64>,
    /// The p-value, corrected for the number of verdicts; the answer follows from it.
    pub p: Option<f64>,
}

/// Answers all questions of a run together.
///
/// # Panics
/// If two rows differ in how many seeds they have, or instances they were tested on.
pub fn answer_all(comparisons: Vec<Comparison>) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = comparisons.into_iter().map(Verdict::uncorrected).collect();
    let p_values: Vec<f64> = verdicts.iter().filter_map(|verdict| verdict.uncorrected_p).collect();
    let tested = verdicts.iter_mut().filter(|verdict| verdict.uncorrected_p.is_some());
    for (verdict, p) in tested.zip(holm(&p_values)) {
        verdict.p = Some(p);
        verdict.answer = verdict.answer_by(p);
    }
    verdicts
}

impl Answer {
    /// Returns the answer in words, as JSON has it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Helps => "helps",
            Self::Hurts => "hurts",
            Self::NoClearDifference => "no clear difference",
            Self::BetterOnThisSeed => "better on this seed",
            Self::WorseOnThisSeed => "worse on this seed",
            Self::NoClearDifferenceOnThisSeed => "no clear difference on this seed",
            Self::Unknown => "cannot be told",
        }
    }

    fn is_for_the_better(self) -> bool {
        matches!(self, Self::Helps | Self::BetterOnThisSeed)
    }

    fn verb(self) -> String {
        match self {
            Self::Helps | Self::Hurts => self.words().to_owned(),
            Self::BetterOnThisSeed | Self::WorseOnThisSeed => format!("is {}", self.words()),
            Self::NoClearDifference | Self::NoClearDifferenceOnThisSeed => format!("makes {}", self.words()),
            Self::Unknown => "cannot be judged".to_owned(),
        }
    }
}

impl Test {
    fn name(self) -> &'static str {
        match self {
            Self::PairedT => "paired t",
            Self::Sign => "sign",
            Self::McNemar(_) => "McNemar, exact",
        }
    }
}

impl Verdict {
    fn uncorrected(comparison: Comparison) -> Self {
        let Comparison { before, after, .. } = &comparison;
        let accuracy = PairedDifference::of(&before.test_accuracy().values, &after.test_accuracy().values);
        let loss = |row: &Row| row.samples(|run| run.test_loss).values;
        let loss = PairedDifference::of(&loss(before), &loss(after));
        let (test, p, interval) = match (before.results.len(), accuracy.seeds()) {
            (1, 1) => {
                let discordant = mcnemar(&before.correct, &after.correct);
                (Some(Test::McNemar(discordant)), Some(discordant.p_value()), discordant.confidence_interval())
            }
            (_, 0 | 1) => (None, None, None),
            _ => {
                let test = if accuracy.is_constant() { Test::Sign } else { Test::PairedT };
                (Some(test), accuracy.p_value(), accuracy.confidence_interval())
            }
        };
        Self { comparison, answer: Answer::Unknown, accuracy, loss, interval, test, uncorrected_p: p, p: None }
    }

    fn answer_by(&self, p: f64) -> Answer {
        let is_one_seed = matches!(self.test, Some(Test::McNemar(_)));
        match (p < SIGNIFICANCE, self.accuracy.mean() > 0.0, is_one_seed) {
            (true, true, false) => Answer::Helps,
            (true, false, false) => Answer::Hurts,
            (false, _, false) => Answer::NoClearDifference,
            (true, true, true) => Answer::BetterOnThisSeed,
            (true, false, true) => Answer::WorseOnThisSeed,
            (false, _, true) => Answer::NoClearDifferenceOnThisSeed,
        }
    }

    /// Returns the part that asked, such as `8d`.
    pub fn part(&self) -> &str {
        &self.comparison.part
    }

    /// Says what the measurements answer, and what that follows from.
    pub fn sentence(&self) -> String {
        let Comparison { part, what, before, .. } = &self.comparison;
        let failed = match self.accuracy.left_out {
            0 => String::new(),
            failed => format!(" without {failed} of {} seeds, whose fits failed", before.results.len()),
        };
        let Some(p) = self.p else {
            return format!("{part}. {what} {}{failed}.", self.answer.verb());
        };
        let counts = match self.test {
            Some(Test::McNemar(McNemar { only_before, only_after, instances })) => format!(
                "; of {} test instances, {only_after} are right only with it and {only_before} only without it",
                thousands(instances as usize)
            ),
            Some(Test::Sign) => {
                let seeds = self.accuracy.seeds();
                let too_few = if least_sign_p(seeds) < SIGNIFICANCE { "" } else { "; the seeds are too few for it" };
                format!("; all {seeds} seeds differ by the same amount, so the sign test decides{too_few}")
            }
            _ => String::new(),
        };
        format!(
            "{part}. {what} {}{failed}: {} against {}, {}, {}{}{counts}.",
            self.answer.verb(),
            percent(&self.accuracy.after),
            percent(&self.accuracy.before),
            self.points(),
            written(p),
            self.loss_in_words(),
        )
    }

    /// Writes the difference in loss, of rows that have one.
    fn loss_in_words(&self) -> String {
        let (mean, nats) = (self.loss.mean(), |loss: f64| format!("{loss:+.4}"));
        if mean.is_nan() {
            return String::new();
        }
        format!("; test loss {}{}", nats(mean), between(self.loss.confidence_interval(), nats))
    }

    /// Writes the difference in accuracy and its interval: `+0.44 points (-0.15 to +1.03)`.
    pub fn points(&self) -> String {
        let points = |fraction: f64| format!("{:+.2}", 100.0 * fraction);
        format!("{} points{}", points(self.accuracy.mean()), between(self.interval, points))
    }

    /// Returns the verdict as JSON; fractions, not percentages.
    pub fn to_json(&self) -> Value {
        json!({
            "question": self.question(),
            "answer": self.answer.words(),
            "difference": self.accuracy.mean(),
            "interval": self.interval,
            "p": self.p,
            "uncorrected_p": self.uncorrected_p,
            "test": self.test.map(Test::name),
            "seeds": self.accuracy.seeds(),
            "test_loss": { "difference": self.loss.mean(), "interval": self.loss.confidence_interval() },
        })
    }

    /// Returns what is asked about, and of which rows: `Dropout: 8e dropout 0.1 against 8e plain`.
    pub fn question(&self) -> String {
        let Comparison { what, before, after, .. } = &self.comparison;
        format!("{}: {} {} against {} {}", what.trim_end_matches(','), after.part, after.name, before.part, before.name)
    }
}

/// Says how the verdicts of a run were found.
pub(super) fn method(verdicts: &[Verdict]) -> String {
    let corrected = match verdicts.iter().filter(|verdict| verdict.p.is_some()).count() {
        1 => String::new(),
        number => format!(", corrected by Holm's method for the {number} verdicts of this run"),
    };
    let is_one_seed = verdicts.iter().any(|it| matches!(it.test, Some(Test::McNemar(_))));
    let (test, scope) = if is_one_seed {
        (
            "McNemar's exact test on the test instances that only one of two networks gets right",
            "One seed says nothing of others; --seeds 5 would.",
        )
    } else {
        ("paired t tests over the seeds", "They say nothing about other test instances.")
    };
    format!(
        "A difference in accuracy is clear if p is below 0.05, by {test}{corrected}. In brackets is the 95 % interval of each difference \
         by itself: it is not corrected, so it may leave out 0 where the verdict is not clear. {scope}"
    )
}

/// Returns the lowest p-value that the sign test can have with so many seeds: all differ alike.
pub(super) fn least_sign_p(seeds: usize) -> f64 {
    2.0 * 0.5_f64.powi(seeds as i32)
}

fn between(interval: Option<[f64; 2]>, number: impl Fn(f64) -> String) -> String {
    interval.map_or(String::new(), |[low, high]| format!(" ({} to {})", number(low), number(high)))
}

/// Writes a p-value, with enough digits to tell on which side of the limit it lies.
pub(super) fn written(p: f64) -> String {
    let is_near_the_limit = (p - SIGNIFICANCE).abs() < 0.001;
    match p {
        p if p < 0.001 => "p < 0.001".to_owned(),
        p if is_near_the_limit => format!("p = {p:.5}"),
        p => format!("p = {p:.3}"),
    }
}
