//! How long two networks took, seed by seed.

use serde_json::{Value, json};

use crate::report::verdict::{SIGNIFICANCE, least_sign_p};
use crate::report::{PairedDifference, Tested, mcnemar};

/// How long both networks took, in one unit; infinitely long if a fit never came so low, NaN if its times were lost.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    pub(super) before: Vec<f64>,
    pub(super) after: Vec<f64>,
}

/// How the p-value of a lead is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeadTest {
    /// The paired t test, over the differences in time.
    PairedT,
    /// The sign test, for which a miss is later than any time: where a fit missed the level, or all differ alike.
    Sign,
}

impl Lead {
    pub(super) fn between<A, B>(
        before: &[Tested<A>],
        after: &[Tested<B>],
        time_before: impl Fn(&Tested<A>) -> f64,
        time_after: impl Fn(&Tested<B>) -> f64,
    ) -> Self {
        assert_eq!(before.len(), after.len(), "a fit per seed on either side");
        Self { before: before.iter().map(time_before).collect(), after: after.iter().map(time_after).collect() }
    }

    /// Returns the test that judges it; none from one seed, or if times were lost.
    pub(super) fn test(&self) -> Option<LeadTest> {
        if self.before.len() < 2 || self.is_lost() {
            return None;
        }
        let all_arrived = self.before.iter().chain(&self.after).all(|time| time.is_finite());
        let t_can_judge = all_arrived && !PairedDifference::of(&self.before, &self.after).is_constant();
        Some(if t_can_judge { LeadTest::PairedT } else { LeadTest::Sign })
    }

    /// Returns the p-value of no lead.
    pub(super) fn p_value(&self) -> Option<f64> {
        match self.test()? {
            LeadTest::PairedT => PairedDifference::of(&self.before, &self.after).p_value(),
            LeadTest::Sign => {
                let [sooner, later] = self.firsts();
                Some(mcnemar(&later, &sooner).p_value())
            }
        }
    }

    /// Tells of each seed whether the second network was sooner, and whether it was later.
    fn firsts(&self) -> [Vec<bool>; 2] {
        let pairs = || self.before.iter().zip(&self.after);
        [pairs().map(|(before, it)| it < before).collect(), pairs().map(|(before, it)| before < it).collect()]
    }

    fn is_lost(&self) -> bool {
        self.before.iter().chain(&self.after).any(|time| time.is_nan())
    }

    /// Answers by the corrected p-value, or, from one seed, of that seed alone.
    pub(super) fn answer(&self, p: Option<f64>) -> &'static str {
        let [sooner, later] = self.firsts().map(|firsts| firsts.into_iter().filter(|is_first| *is_first).count());
        let none_arrived = self.before.iter().chain(&self.after).all(|time| time.is_infinite());
        match (p, self.test()) {
            _ if self.is_lost() => "unknown",
            _ if none_arrived => "neither",
            (None, _) | (_, None) if sooner > 0 => "sooner on this seed",
            (None, _) | (_, None) if later > 0 => "later on this seed",
            (None, _) | (_, None) => "no difference on this seed",
            (Some(p), Some(test)) if p >= SIGNIFICANCE => {
                let cannot_tell = test == LeadTest::Sign && least_sign_p(sooner + later) >= SIGNIFICANCE;
                if cannot_tell && sooner + later > 0 { "too few seeds to tell" } else { "no clear difference" }
            }
            (_, Some(LeadTest::PairedT)) if PairedDifference::of(&self.before, &self.after).mean() < 0.0 => "sooner",
            (_, Some(LeadTest::Sign)) if sooner > later => "sooner",
            _ => "later",
        }
    }

    pub(super) fn to_json(&self, [before, after]: [&str; 2], p: Option<f64>) -> Value {
        let known = |times: &[f64]| times.iter().map(|time| time.is_finite().then_some(*time)).collect::<Vec<_>>();
        let test = self.test().map(|test| match test {
            LeadTest::PairedT => "paired t",
            LeadTest::Sign => "sign",
        });
        json!({ before: known(&self.before), after: known(&self.after), "answer": self.answer(p), "p": p, "test": test })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: f64 = f64::INFINITY;

    #[test]
    fn five_seeds_are_too_few_for_the_sign_test_and_six_are_enough() {
        let answer = |seeds: usize| {
            let lead = Lead { before: vec![NEVER; seeds], after: vec![4.0; seeds] };
            lead.answer(lead.p_value())
        };
        assert_eq!([5, 6].map(answer), ["too few seeds to tell", "sooner"]);
    }

    /// Seven are sooner by far, and nine later by hardly anything: the mean decides, as it does in the test.
    #[test]
    fn the_mean_says_who_is_sooner_where_it_decides() {
        let before = [10.0; 16];
        let after: Vec<f64> = (0..16).map(|seed| if seed < 7 { 7.0 } else { 10.01 }).collect();
        let lead = Lead { before: before.to_vec(), after };
        assert!(lead.p_value().unwrap() < SIGNIFICANCE);
        assert_eq!(lead.answer(lead.p_value()), "sooner");
    }
}
