//! A search, its trials side by side.

use std::fs;
use std::path::Path;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::held::{usable, usable_search};
use super::{Console, Interrupt, Session, tensorboard};
use crate::report::percent;
use crate::search::{Candidate, Journal, Opened, Outcome, Ranking, Record, Search, Trial, Worker};
use ch11_core::disk::persist;
use ch11_core::shown;
use ch11_core::train::{History, Observer, RunFolder};

/// Ends a trial when the user asks for it, and keeps the bar's clock going.
#[derive(Debug)]
pub struct TrialWatch<'a> {
    interrupt: &'a Interrupt,
    bar: Option<&'a ProgressBar>,
}

impl Observer for TrialWatch<'_> {
    fn epoch_ended(&mut self, _: &History) {
        self.bar.inspect(|bar| bar.tick());
    }

    fn wants_to_stop(&self) -> bool {
        self.interrupt.asked()
    }
}

/// The name of the folder, in that of a search, which holds the states of its fits.
const FITS: &str = "fits";

/// Opens the folder in which a trial's fit goes on from one rung to the next.
fn open_fit(fits: &Path, trial: Trial, search: &Search) -> ch11_core::Result<RunFolder> {
    let (folder, _) = RunFolder::open(&fits.join(trial.fit_name()), &search.data, usize::MAX, true)?;
    Ok(folder)
}

impl Session {
    /// Runs the trials that the journal lacks, or those of them that are in the process's share, as many at once as there
    /// are threads, one thread each, and returns the journal. With halving, a share ends where only the fits of others can
    /// tell who is promoted. The journal is kept in the run folder, in `name`; [`Session::make_room`] comes first.
    ///
    /// `run` trains and scores one trial; it returns nothing if the watch ended it. With halving, it gets a folder for the
    /// fit's state, from which the next rung goes on; once the search is complete, these folders are removed.
    ///
    /// # Errors
    /// If the journal cannot be used or written, a trial fails, or the user interrupts it.
    pub fn search(
        &self,
        name: &str,
        search: &Search,
        run: impl Fn(Trial, &Candidate, Option<&RunFolder>, &mut TrialWatch<'_>) -> ch11_core::Result<Option<Record>> + Sync,
    ) -> anyhow::Result<Journal> {
        let candidates = search.candidates();
        let journal = self.open_journal(name, search)?;
        let shard = self.args.shard;
        let mine = |trial: &Trial| shard.is_none_or(|shard| shard.takes(trial.number(search.folds)));
        let fits = self.folder_of(name).join(FITS);
        let threads = self.threads.current_num_threads();
        let _announced = usable(Worker::announce(&self.folder_of(name), shard, threads), "--out")?;
        let progress = SearchProgress::new(&self.console, self.label_of(name), search, &journal);
        loop {
            let mut trials = search.next_trials(&journal.records());
            trials.retain(mine);
            if trials.is_empty() {
                if shard.is_none() {
                    let _ = fs::remove_dir_all(&fits); // No fit goes on from there.
                }
                return Ok(journal);
            }
            // Small batches take longest; begun first, they leave no thread alone at the end.
            trials.sort_by_key(|trial| candidates[trial.candidate].batch_size);
            self.threads.install(|| {
                trials.into_iter().par_bridge().try_for_each(|trial| {
                    let candidate = &candidates[trial.candidate];
                    let mut watch = TrialWatch { interrupt: &self.interrupt, bar: progress.bar.as_ref() };
                    let folder = search.halving.then(|| open_fit(&fits, trial, search)).transpose()?;
                    match run(trial, candidate, folder.as_ref(), &mut watch)? {
                        None => Err(self.interrupted()),
                        Some(record) => {
                            journal.add(record).context("stopped; what the journal holds is not lost: make room for it or make it writable, then go on with --resume")?;
                            progress.ended(candidate, &record, search, &journal);
                            Ok(())
                        }
                    }
                })
            })?;
            if shard.is_some() {
                usable_search(journal.merge(search))?; // Others have gone on, too.
            }
        }
    }

    /// Saves all candidates as a table for other programs, in the folder of the search, and says where it is. With
    /// `--tensorboard`, it saves each as a run in the folder's `candidates`, too.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save_candidates(&self, name: &str, ranking: &Ranking) -> anyhow::Result<()> {
        let path = self.folder_of(name).join("candidates.csv");
        let mut csv = Vec::new();
        ranking.write_csv(&mut csv).context("cannot write the table of candidates")?;
        persist(&path, &csv)
            .context("cannot save the candidates; make the run folder writable, then go on with --resume")?;
        if self.args.tensorboard {
            tensorboard::save_candidates(&self.folder_of(name), ranking)?;
        }
        self.print(format_args!("All candidates are in {}.", shown(path)));
        Ok(())
    }

    fn open_journal(&self, name: &str, search: &Search) -> anyhow::Result<Journal> {
        let path = self.folder_of(name);
        // Room is made already: what is there is gone on with.
        let opened = self.held().take_journal(&path, self.args.shard).and_then(|held| held.open(search, true));
        let (journal, opened) = usable_search(opened)?;
        match opened {
            Opened::SetAside(previous) => self.notice(self.moved_search(name, &previous)),
            Opened::Resuming { trials } => self.notice(format_args!(
                "{}: goes on from {}, which holds {trials} of {} fits",
                self.label_of(name),
                shown(path),
                search.trial_count()
            )),
            Opened::Empty => {}
        }
        Ok(journal)
    }

    /// Says that an earlier search was moved.
    pub(super) fn moved_search(&self, name: &str, to: &Path) -> String {
        format!("{}: an earlier search was moved to {}", self.label_of(name), shown(to))
    }
}

/// Shows the trials of a search as they end: a bar on a terminal, a line each otherwise.
struct SearchProgress<'a> {
    console: &'a Console,
    label: String,
    bar: Option<ProgressBar>,
}

impl<'a> SearchProgress<'a> {
    fn new(console: &'a Console, label: String, search: &Search, journal: &Journal) -> Self {
        let bar = console.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new(search.trial_count() as u64).with_position(journal.len() as u64));
            let style = ProgressStyle::with_template("{prefix} [{bar:20}] {pos}/{len} fits {msg} {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("#> "));
            bar.set_prefix(label.clone());
            bar.reset_eta();
            bar
        });
        Self { console, label, bar }
    }

    fn ended(&self, candidate: &Candidate, record: &Record, search: &Search, journal: &Journal) {
        let best = Ranking::new(search, &journal.records()).best().and_then(|best| best.accuracies());
        let best = best.map_or("no candidate has finished yet".to_owned(), |best| format!("best {}", percent(&best)));
        if let Some(bar) = &self.bar {
            bar.set_position(journal.len() as u64);
            bar.set_message(best);
            return;
        }
        let Record { trial, outcome, epochs, seconds, .. } = record;
        let seconds = seconds.get();
        let outcome = match outcome {
            Outcome::Scored { accuracy, .. } => format!("accuracy {:.2} %", 100.0 * accuracy.get()),
            Outcome::Diverged { .. } => "diverged".to_owned(),
        };
        let (label, fits, all, fold) = (&self.label, journal.len(), search.trial_count(), trial.fold + 1);
        self.console.notice(format_args!(
            "{label}: fit {fits} of {all}, {candidate}, fold {fold}: {outcome}, {epochs} epochs, {seconds:.1} s; {best}"
        ));
    }
}

impl Drop for SearchProgress<'_> {
    fn drop(&mut self) {
        if let (Some(bar), Some(bars)) = (&self.bar, self.console.bars()) {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}
