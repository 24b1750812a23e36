//! 8c. Tune the hyper-parameters by cross-validation: what precision can be had?

mod args;
mod networks;
mod refit;

use std::num::NonZeroUsize;

use anyhow::{Context, bail};
use ch11_core::data::{Digits, Fold, PIXELS};
use ch11_core::nets::Classifier;
use ch11_core::train::{Recipe, RunFolder, Schedule, Settings};
use ch11_harness::cli::{Session, TrialWatch};
use ch11_harness::report::{Samples, Tested, percent};
use ch11_harness::search::{Journal, Ranked, Ranking, Record, Search, Space, Trial};

pub use args::SearchArgs;
use networks::{ForAnyNetwork, WIDTHS, with_network};
pub use refit::REFITS;
use refit::{Refitted, refit};

use crate::part_a::{CLASSES, Network};
use crate::part_b;

/// The test accuracy of the reference notebook's search: 50 candidates, 3 folds, 46.9 minutes.
const NOTEBOOK_ACCURACY: f64 = 0.9891;

/// What is searched unless `--space` says otherwise.
const DEFAULT_SPACE: &str = include_str!("../../spaces/default.toml");

/// A trial stops sooner than a fit whose network is kept: it only has to be ranked.
const TRIAL: Recipe = Recipe { patience: NonZeroUsize::new(5).unwrap(), ..Recipe::DEEP_NET };
const QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// Says what is to be searched, from the flags.
pub fn search(session: &Session, args: &SearchArgs) -> anyhow::Result<Search> {
    let quick = session.args.quick;
    let space = match &args.space {
        Some(path) => Space::read(path, &WIDTHS).context("cannot search this space; mend its file")?,
        None => Space::from_toml(DEFAULT_SPACE).map_err(anyhow::Error::msg)?,
    };
    let folds = args.folds(quick);
    let Digits { source, train, validation, .. } = &session.digits;
    if folds.get() > train.len() {
        bail!("--folds {folds}: there are {} training images; ask for fewer folds", train.len());
    }
    let [train, validation] = [train, validation].map(|set| {
        let sha256: String = set.sha256().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{} ({sha256})", set.len())
    });
    Ok(Search {
        space,
        candidates: args.candidates(quick),
        folds,
        halving: args.halving,
        settings: session.args.recipe(session.args.shortened(TRIAL, QUICK_EPOCHS)).seeded(session.args.seed),
        data: format!("{source}: train {train}, validation {validation}"),
    })
}

/// Searches, shows the best candidates, trains the best one on all training digits, and compares it with part b's network if that was
/// trained.
pub fn run(session: &mut Session, search: &Search, plain: &[Tested<Network>]) -> anyhow::Result<()> {
    let (candidates, size, folds) = (search.candidates().len(), search.space.size(), search.folds);
    let findings = session.begin("8c", &format!("Search: {candidates} of {size} candidates, {folds} folds"));
    let journal = cross_validate(session, search)?;
    let findings = findings.value("fits", journal.len());
    if session.args.shard.is_some() {
        session.conclude(findings.remark(what_comes_next(search, &journal)));
        return Ok(());
    }

    let ranking = Ranking::new(search, &journal.records());
    let seconds: f64 = ranking.rows().iter().map(Ranked::seconds).sum();
    session.print(ranking.table(10));
    let mixture = journal.records().mixture();
    session.save_candidates("c", &ranking)?;
    let Some(best) = ranking.best() else {
        bail!("8c: every candidate diverged; search a space of smaller learning rates, with --space");
    };
    let refitted = refit(session, &best.candidate)?;
    let by_loss = |a: &&Refitted, b: &&Refitted| a.validation_loss().total_cmp(&b.validation_loss());
    let kept = refitted.iter().min_by(by_loss).context("8c: nothing was trained")?;
    let findings = findings
        .value("seconds", seconds)
        .value("best", best.candidate.to_json())
        .value("trials", candidates)
        .value("folds", folds.get())
        .value("refitted", kept.row().to_json())
        .value("decay", kept.refit.schedule().to_string())
        .value("best_mean_on_held_out_folds", best.accuracies().map(|it| it.mean()))
        .compare("Tuning, beside part b's settings,", part_b::row_if_trained(plain).as_ref(), &kept.row())
        .rows(refitted.iter().map(Refitted::row))
        .notebook(NOTEBOOK_ACCURACY)
        .say(verdict(best, kept, [candidates, journal.len()], seconds))
        .say(optimism(best, candidates))
        .say_each(mixture);
    let Tested { fitted, test, .. } = &kept.tested[0];
    session.conclude(ranking.show(findings).curves().classifier(session.view_of(&*fitted.network, test)));
    Ok(())
}

fn cross_validate(session: &Session, search: &Search) -> anyhow::Result<Journal> {
    let folds = session.digits.train.stratified_folds(search.folds.get(), search.settings.seed);
    session.search("c", search, |trial, candidate, folder, watch| {
        let settings = candidate.recipe(search.settings.recipe).seeded(search.settings.seed);
        let digits = &session.digits;
        let fold = folds.get(trial.fold);
        with_network(candidate, settings.seed, RunTrial { trial, fold: &fold, digits, settings, folder, watch })
    })
}

/// A trial, once its network is made.
struct RunTrial<'a, 'b> {
    trial: Trial,
    fold: &'a Fold<PIXELS>,
    digits: &'a Digits,
    settings: Settings,
    folder: Option<&'a RunFolder>,
    watch: &'a mut TrialWatch<'b>,
}

impl ForAnyNetwork for RunTrial<'_, '_> {
    type Output = ch11_core::Result<Option<Record>>;

    fn run<M: Classifier<PIXELS, CLASSES>>(self, network: M) -> Self::Output {
        self.trial.run(network, self.fold, &self.digits.validation, self.settings, self.folder, self.watch)
    }
}

/// Says what is left of the search once a shard can do no more.
fn what_comes_next(search: &Search, journal: &Journal) -> String {
    let rungs = search.rungs().len();
    match search.next_trials(&journal.records()).first().and_then(|trial| search.rung_of(trial)) {
        None => "8c. All fits of the search are done.".to_owned(),
        Some(rung) if rung == rungs => "8c. The rest of the search belongs to other shards.".to_owned(),
        Some(rung) => format!(
            "8c. The rest of rung {rung} of {rungs} belongs to other shards; once they are done, run every shard again for the next."
        ),
    }
}

fn verdict(best: &Ranked, kept: &Refitted, [candidates, fits]: [usize; 2], seconds: f64) -> String {
    let how = if kept.refit.schedule() == Schedule::Constant { "" } else { ", with a falling rate" };
    let row = kept.row();
    let [accuracy, precision] = [row.test_accuracy(), row.samples(|run| run.test_precision)].map(|it| percent(&it));
    format!(
        "Best of {candidates} candidates, by {fits} fits, {seconds:.0} s of training: {}. Trained on all digits{how}, test accuracy {accuracy}, macro \
         precision {precision}.",
        best.candidate,
    )
}

/// Says what the accuracy by which the best candidate was chosen is worth.
fn optimism(best: &Ranked, candidates: usize) -> String {
    let held_out = percent(&best.accuracies().unwrap_or(Samples { values: Vec::new() }));
    if candidates == 1 {
        return format!("On the held-out folds, it reached {held_out}; the ± is over the folds.");
    }
    format!(
        "On the held-out folds, it reached {held_out}; the ± is over the folds. That is optimistic, since the best \
         of {candidates} scores owes something to luck. On the other hand, networks that see all of the digits may do better than these, which saw a part."
    )
}
