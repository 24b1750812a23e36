//! How far a search is, read while it goes on.

use std::collections::BTreeSet;
use std::path::Path;

use super::journal::{description, parse_description, without_description};
use super::records::{read, trial_files};
use super::{Outcome, Ranked, Ranking, Record, Records, Search, Shard, Trial, Worker};
use crate::Result;
use crate::report::Samples;

/// How far a search is.
#[derive(Debug, Clone)]
pub struct Status {
    /// What is searched.
    pub search: Search,
    /// The fits that are done.
    pub records: Records,
    /// The shares that the search's processes run.
    pub shards: Vec<ShardStatus>,
    missing: Vec<Trial>,
}

/// How far a share of a search is.
#[derive(Debug, Clone)]
pub struct ShardStatus {
    /// The share.
    pub shard: Shard,
    /// How many of its fits are done, whoever has run them.
    pub done: usize,
    /// How many of its fits are missing; with halving, of the first rung that is not complete.
    pub missing: usize,
    /// Who has last said to work on it, unless that has ended in good order.
    pub worker: Option<Worker>,
    /// Whether that process still runs, if it can be seen from this machine.
    pub is_alive: Option<bool>,
}

impl Status {
    /// Reads how far the search in a folder is; `None` if the folder holds none. Locks nothing and writes nothing, and
    /// may be asked while the search goes on.
    ///
    /// # Errors
    /// If the search's files cannot be read, or are damaged.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = description(folder);
        // The description comes before journals, and is looked for after them: a process may write both now.
        let journal = trial_files(folder)?.into_iter().find(|path| begun(path).is_some());
        if !path.exists() {
            return journal.map_or(Ok(None), |path| Err(without_description(path).into()));
        }
        let search = parse_description(&read(&path)?, &path)?;
        // Processes before trials: one that ends in between has done its fits.
        let mut shards: Vec<ShardStatus> =
            shards(folder, search.trial_count())?.into_iter().map(|shard| ShardStatus::of(folder, shard)).collect();
        let records = Records::read(folder, &search)?;
        let missing = search.next_trials(&records);
        for it in &mut shards {
            let mine = |trial: &Trial| it.shard.takes(trial.number(search.folds));
            it.done = records.iter().filter(|record| mine(&record.trial)).count();
            it.missing = missing.iter().filter(|trial| mine(trial)).count();
        }
        Ok(Some(Self { search, records, shards, missing }))
    }

    /// Returns how many fits are missing from the whole search: from the rung that is run, and all of those after it.
    pub fn missing(&self) -> usize {
        self.missing.len() + self.search.trials_by_rung().skip(self.rung().0).sum::<usize>()
    }

    /// Returns the number of the rung that is run, from 1, and how many rungs there are.
    pub fn rung(&self) -> (usize, usize) {
        let rungs = self.search.rungs().len();
        (self.missing.first().and_then(|trial| self.search.rung_of(trial)).unwrap_or(rungs), rungs)
    }

    /// Returns the best of the candidates that were tried on every fold.
    pub fn best(&self) -> Option<Ranked> {
        Ranking::new(&self.search, &self.records).best().cloned()
    }

    /// Returns the fits that diverged.
    pub fn diverged(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| matches!(record.outcome, Outcome::Diverged { .. }))
    }

    /// Returns how many seconds a share still takes; with halving, in the rung that is run. Its fits are taken to last as
    /// long as those of the rung that are done; `None` if none is, or nobody works on the share.
    pub fn seconds_left(&self, shard: &ShardStatus) -> Option<f64> {
        let worker = shard.worker.as_ref().filter(|_| shard.is_alive != Some(false))?;
        Some(self.seconds_each()? * shard.missing.div_ceil(worker.threads.max(1)) as f64)
    }

    /// Returns the mean time of the fits in the rung that is run, without the rungs before, in seconds.
    fn seconds_each(&self) -> Option<f64> {
        let (rungs, index) = (self.search.rungs(), self.rung().0 - 1);
        let before = index.checked_sub(1).map(|index| rungs[index]);
        let seconds = |trial: &Trial| self.records.get(trial).map_or(0.0, |record| record.seconds.get());
        let seconds_before = |trial: Trial| before.map_or(0.0, |epochs| seconds(&Trial { epochs, ..trial }));
        let own = |record: &Record| (record.seconds.get() - seconds_before(record.trial)).max(0.0);
        let of_rung = self.records.iter().filter(|record| record.trial.epochs == rungs[index]);
        let values: Vec<f64> = of_rung.map(own).collect();
        (!values.is_empty()).then(|| Samples { values }.mean())
    }
}

impl ShardStatus {
    /// Finds out who works on a share, before its fits are counted.
    fn of(folder: &Path, shard: Shard) -> Self {
        loop {
            let worker = Worker::of(folder, shard);
            let is_alive = worker.as_ref().and_then(|worker| worker.is_alive(folder, shard));
            // In the meantime it may have ended in good order, and another may have begun.
            if is_alive != Some(false) || Worker::of(folder, shard) == worker {
                return Self { shard, done: 0, missing: 0, worker, is_alive };
            }
        }
    }
}

/// Lists the shares that processes have begun, with those that belong to them; `trials` is how many fits there are.
fn shards(folder: &Path, trials: usize) -> Result<Vec<Shard>> {
    let counts: BTreeSet<usize> = trial_files(folder)?.iter().filter_map(|path| Some(begun(path)?.count())).collect();
    let counts = if counts.is_empty() { BTreeSet::from([1]) } else { counts };
    Ok(counts.into_iter().flat_map(|count| Shard::all(count, trials)).collect())
}

/// Returns the share whose journal a file is.
fn begun(journal: &Path) -> Option<Shard> {
    let name = journal.file_stem()?.to_str()?;
    name.strip_prefix("trials-")?.replace("-of-", "/").parse().ok()
}
