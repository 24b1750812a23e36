//! 8c. Tune the hyper-parameters by cross-validation.

mod args;
mod networks;

use std::num::NonZeroUsize;
use std::time::Instant;

use anyhow::{Context, bail};
use ch11_core::checkpoint::persist;
use ch11_core::cli::{SeedRun, Session, TrainingDefaults, TrialWatch};
use ch11_core::data::{Digits, Fold, PIXELS};
use ch11_core::metrics::evaluate;
use ch11_core::nets::Classifier;
use ch11_core::report::{Exhibit, ResultRow, RunResult, Samples, Section, Table, percent};
use ch11_core::search::{Candidate, Journal, Ranked, Ranking, Record, Search, Shard, Space, Trial};
use ch11_core::train::{Decay, Settings};
use serde_json::{Value, json};

pub use args::SearchArgs;
use networks::{CandidateNetwork, WIDTHS, with_network};

use crate::part_a::CLASSES;

/// The test accuracy of the reference notebook's search: 50 candidates, 3 folds, 46.9 minutes.
const NOTEBOOK_ACCURACY: f64 = 0.9891;

/// What is searched unless `--space` says otherwise.
const DEFAULT_SPACE: &str = include_str!("../../spaces/default.toml");

/// A fit of the search gives up sooner than one whose network is kept: it is to be compared, not to be used.
const TRIAL: TrainingDefaults = TrainingDefaults {
    patience: NonZeroUsize::new(5).unwrap(),
    quick_epochs: NonZeroUsize::new(2).unwrap(),
    ..TrainingDefaults::DEEP_NET
};

/// How the best candidate is trained on all training digits: as in the search, or with a learning rate that falls to 0. A high rate gains
/// by that, a low one does not, so both are tried, and the one of lower validation loss is taken.
pub const REFITS: [Refit; 2] = [
    Refit { stage: "c/refit", name: "best candidate, all training digits", recipe: TrainingDefaults::DEEP_NET },
    Refit {
        stage: "c/refit-falling-rate",
        name: "the same, with a falling rate",
        recipe: TrainingDefaults {
            decay: Decay::Linear,
            epochs: NonZeroUsize::new(30).unwrap(),
            ..TrainingDefaults::DEEP_NET
        },
    },
];

/// A way to train the best candidate.
#[derive(Debug, Clone, Copy)]
pub struct Refit {
    /// The name of its fits.
    pub stage: &'static str,
    name: &'static str,
    recipe: TrainingDefaults,
}

/// Says what is to be searched, from the flags.
pub fn search(session: &Session, args: &SearchArgs) -> anyhow::Result<Search> {
    let quick = session.args.quick;
    let space = match &args.space {
        Some(path) => Space::read(path, &WIDTHS).context("cannot search this space; mend its file")?,
        None => Space::from_toml(DEFAULT_SPACE).map_err(anyhow::Error::msg)?,
    };
    let folds = args.folds(quick);
    let Digits { source, train, .. } = &session.digits;
    if folds > train.len() {
        bail!("--folds {folds}: there are {} training images; ask for fewer folds", train.len());
    }
    let sha256: String = train.sha256().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(Search {
        space,
        candidates: args.candidates(quick),
        folds,
        halving: args.halving,
        settings: session.args.settings(TRIAL, session.args.seed),
        data: format!("{source}: {} train ({sha256})", train.len()),
    })
}

/// Searches, shows the best candidates, and trains the best one on all training digits.
pub fn run(session: &mut Session, args: &SearchArgs, search: &Search) -> anyhow::Result<()> {
    let candidates = search.candidates().len();
    session.print(format_args!(
        "\n8c. Search: {candidates} of {} candidates, {} folds",
        search.space.size(),
        search.folds
    ));
    let started = Instant::now();
    let journal = cross_validate(session, args.shard, search)?;
    let seconds = started.elapsed().as_secs_f64();
    if args.shard != Shard::WHOLE {
        session.print(format_args!("8c. The fits of shard {} are done. When those of all shards are, the same command with --resume in the place of --shard puts them together.", args.shard));
        session.add_part("c", json!({ "shard": args.shard.to_string(), "fits": journal.len(), "seconds": seconds }));
        return Ok(());
    }

    let ranking = Ranking::new(search, &journal);
    session.print(ranking.table(10));
    let csv_path = session.folder_of("c").join("candidates.csv");
    let mut csv = Vec::new();
    ranking.write_csv(&mut csv).context("cannot write the table of candidates")?;
    persist(&csv_path, &csv)?;
    session.print(format_args!("All candidates are in {}.", csv_path.display()));
    let Some(best) = ranking.best() else {
        bail!("8c: every candidate diverged; search a space of smaller learning rates, with --space");
    };

    let tried = session.side_by_side(&REFITS, |refit| train_best(session, best, *refit))?;
    let losses = tried.iter().map(|(row, _)| row.samples(|run| run.validation_loss).mean());
    let chosen = losses.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(index, _)| index);
    let (row, exhibit) = &tried[chosen];

    let mut table = Table::default();
    for (refit, (row, _)) in REFITS.iter().zip(&tried) {
        table.add("8c", refit.name, row);
    }
    table.add_reference("8c", NOTEBOOK_ACCURACY);
    session.print(format_args!("\n{table}\n"));
    let verdict = verdict(best, (REFITS[chosen].recipe.decay, row), &journal, seconds);
    session.print(format_args!("8c. {verdict}"));
    let curves: Vec<_> = REFITS.iter().filter_map(|refit| session.curve(refit.stage, refit.name)).collect();
    session.report.add(
        ranking.show(Section::new("8c. Search").table(&table).say(verdict)).curves(&curves).exhibit(exhibit.as_ref()),
    );
    session.add_part(
        "c",
        json!({
            "best": serde_json::from_str::<Value>(&serde_json::to_string(&best.candidate)?)?, // `json!` would widen its floats.
            "trials": candidates,
            "folds": search.folds,
            "fits": journal.len(),
            "seconds": seconds,
            "refitted": row.to_json(),
            "decay": REFITS[chosen].recipe.decay.to_string(),
        }),
    );
    Ok(())
}

fn cross_validate(session: &Session, shard: Shard, search: &Search) -> anyhow::Result<Journal> {
    let folds = session.digits.train.stratified_folds(search.folds, search.settings.seed);
    session.search("c", search, shard, |trial, candidate, watch| {
        let settings = candidate.settings(search.settings);
        let digits = &session.digits;
        with_network(candidate, settings.seed, RunTrial { trial, fold: &folds[trial.fold], digits, settings, watch })
    })
}

/// A trial, once its network is made.
struct RunTrial<'a, 'b> {
    trial: Trial,
    fold: &'a Fold<PIXELS>,
    digits: &'a Digits,
    settings: Settings,
    watch: &'a mut TrialWatch<'b>,
}

impl CandidateNetwork for RunTrial<'_, '_> {
    type Output = ch11_core::Result<Option<Record>>;

    fn run<M: Classifier<PIXELS, CLASSES>>(self, network: M) -> Self::Output {
        self.trial.run(network, self.fold, &self.digits.validation, self.settings, self.watch)
    }
}

/// Trains the best candidate on all training digits, from each seed.
fn train_best(session: &Session, best: &Ranked, refit: Refit) -> anyhow::Result<(ResultRow, Option<Exhibit>)> {
    let Candidate { learning_rate, batch_size, averaging, .. } = best.candidate;
    let averaging = Some(averaging).filter(|&decay| decay > 0.0);
    let recipe = TrainingDefaults { learning_rate, batch_size, averaging, ..refit.recipe };
    let runs = session
        .stage(refit.stage, recipe)
        .one_of(REFITS.len())
        .settled()
        .each_seed(|run| with_network(&best.candidate, run.seed, LastFit { run: &run, session }))?;
    let (results, exhibits): (_, Vec<_>) = runs.into_iter().unzip();
    Ok((ResultRow::new(results), exhibits.into_iter().next().flatten()))
}

/// The last fit, once its network is made.
struct LastFit<'a> {
    run: &'a SeedRun<'a>,
    session: &'a Session,
}

impl CandidateNetwork for LastFit<'_> {
    type Output = anyhow::Result<(RunResult, Option<Exhibit>)>;

    fn run<M: Classifier<PIXELS, CLASSES>>(self, network: M) -> Self::Output {
        let Self { run, session } = self;
        let fitted = run.fit(network, &session.digits.train, &session.digits.validation)?;
        let test = evaluate(&fitted.network, &session.digits.test);
        let exhibit = (run.index == 0).then(|| session.exhibit(&fitted.network, &test));
        Ok((RunResult::new(&fitted, &test), exhibit))
    }
}

fn verdict(best: &Ranked, (decay, row): (Decay, &ResultRow), journal: &Journal, seconds: f64) -> String {
    let how = if decay == Decay::None { "" } else { ", with a falling rate" };
    let held_out = best.accuracies().unwrap_or(Samples { values: Vec::new() });
    let [accuracy, precision] =
        [percent(&row.samples(|run| run.test_accuracy)), percent(&row.samples(|run| run.test_precision))];
    format!(
        "Best of {} fits in {seconds:.0} s: {}. It got {} on the held-out folds; trained on all{how}, test accuracy {accuracy}, macro precision {precision}.",
        journal.len(),
        best.candidate,
        percent(&held_out)
    )
}
