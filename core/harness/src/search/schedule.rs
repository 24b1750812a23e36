//! Which trials to run next.

use super::{Ranking, Records, Search, Trial};

impl Search {
    /// Returns the trials that are missing from the first incomplete rung; none once the search is complete.
    pub fn next_trials(&self, records: &Records) -> Vec<Trial> {
        let mut candidates: Vec<usize> = (0..self.candidates().len()).collect();
        for epochs in self.rungs() {
            let folds = |&candidate: &usize| (0..self.folds.get()).map(move |fold| Trial { epochs, candidate, fold });
            let missing = |trial: &Trial| records.get(trial).is_none();
            let trials: Vec<Trial> = candidates.iter().flat_map(folds).filter(missing).collect();
            if !trials.is_empty() {
                return trials;
            }
            let ranking = Ranking::of_rung(self, records, &candidates, epochs);
            candidates = ranking.rows().iter().take(Self::promoted(candidates.len())).map(|row| row.number).collect();
        }
        Vec::new()
    }
}
