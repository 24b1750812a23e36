//! Fits that were cut off, or are asked to go on in another way.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use ch11_core::checkpoint;
use ch11_core::nets::{Architecture, build, export_tensors};
use ch11_core::train::{
    Algorithm, Checkpoint, Decay, Ending, Epoch, History, Observer, Opened, Recipe, RunFolder, Schedule, Settings,
    Unattended, fit,
};

use crate::training::{Network, SEED, StopAfter, fit_here, open, recipe, same_side, settings};

#[test]
fn a_fit_cut_off_after_any_epoch_resumes_to_the_same_bytes() {
    let nesterov = Algorithm::Nesterov { momentum: 0.9 };
    let fits = [
        (Algorithm::Adam, Schedule::Constant, None),
        (Algorithm::Adam, Schedule::Linear, Decay::new(0.9)),
        (nesterov, Schedule::Plateau, Decay::new(0.9)),
    ];
    for (algorithm, decay, averaging) in fits {
        let settings = Recipe { algorithm, schedule: decay, ema_decay: averaging, ..recipe() }.seeded(SEED);
        let temporary = tempfile::tempdir().unwrap();
        let undisturbed = temporary.path().join("undisturbed");
        let whole = fit_here(Some(&open(&undisturbed, false)), &settings, &mut Unattended);
        for epochs in 1..whole.history.len() {
            let path = temporary.path().join(epochs.to_string());
            let cut = fit_here(Some(&open(&path, false)), &settings, &mut StopAfter(epochs, 0));
            assert_eq!((cut.ending, cut.history.len()), (Ending::Interrupted, epochs));
            let resumed = fit_here(Some(&open(&path, true)), &settings, &mut Unattended);
            assert_eq!(resumed.epoch_durations.len(), whole.epoch_durations.len());
            for file in ["last.ckpt", "best.ckpt", "final.ckpt", "final.safetensors"] {
                assert!(
                    fs::read(path.join(file)).unwrap() == fs::read(undisturbed.join(file)).unwrap(),
                    "{file}, {epochs}"
                );
            }
        }
    }
}

/// Copies the run folder as a process that is killed in each epoch would leave it.
struct Snapshots<'a>(&'a Path, &'a Path);

impl Observer for Snapshots<'_> {
    fn epoch_ended(&mut self, history: &History) {
        let Self(folder, snapshots) = self;
        let snapshot = snapshots.join(history.len().to_string());
        fs::create_dir(&snapshot).unwrap();
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), snapshot.join(file.file_name())).unwrap();
        }
    }
}

/// Trains again in a folder in which a fit has just ended its first epoch.
struct TrainsThere<'a>(&'a RunFolder, Option<String>);

impl Observer for TrainsThere<'_> {
    fn epoch_ended(&mut self, history: &History) {
        if history.len() == 1 {
            let (train, validation, network) = (same_side(300, 1), same_side(100, 2), build::<Network>(SEED));
            let second = fit(network, &train, &validation, &settings(), Some(self.0), &mut Unattended);
            self.1 = second.err().map(|error| error.to_string());
        }
    }
}

#[test]
fn no_two_fits_train_in_one_folder_at_once() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = open(&temporary.path().join("run"), false);
    let mut observer = TrainsThere(&folder, None);
    let first = fit_here(Some(&folder), &settings(), &mut observer);
    let error = observer.1.expect("the second fit is refused");
    assert!(error.contains("run: another fit of this process trains here; give each fit a folder"), "{error}");
    // The first one is as if there had been no other.
    let alone = fit_here(None, &settings(), &mut Unattended);
    assert_eq!(export_tensors(&first.network), export_tensors(&alone.network));
}

#[test]
fn a_slash_at_its_end_names_the_same_folder() {
    let temporary = tempfile::tempdir().unwrap();
    let (plain, slash) = (temporary.path().join("run"), temporary.path().join("run/"));
    let held = open(&plain, false);
    let error = RunFolder::open(&slash, "points", 3, false).unwrap_err();
    assert!(error.to_string().contains("another process trains here"), "{error}");
    fit_here(Some(&held), &settings(), &mut Unattended);
    drop(held);
    let (_, opened) = RunFolder::open(&slash, "points", 3, false).unwrap();
    assert_eq!(opened, Opened::SetAside(temporary.path().join("run.previous-1")));
}

#[test]
fn a_fit_killed_in_any_epoch_resumes_to_the_same_bytes() {
    let settings = Recipe { epochs: NonZeroUsize::new(8).unwrap(), ..recipe() }.seeded(SEED);
    let temporary = tempfile::tempdir().unwrap();
    let (whole, snapshots) = (temporary.path().join("whole"), temporary.path().join("snapshots"));
    fs::create_dir(&snapshots).unwrap();
    fit_here(Some(&open(&whole, false)), &settings, &mut Snapshots(&whole, &snapshots));
    for epoch in 1..=8 {
        // The best weights in it may be younger than the state, which was saved after every third epoch.
        let snapshot = snapshots.join(epoch.to_string());
        fit_here(Some(&open(&snapshot, true)), &settings, &mut Unattended);
        for file in ["last.ckpt", "best.ckpt", "final.ckpt", "final.safetensors"] {
            assert!(fs::read(snapshot.join(file)).unwrap() == fs::read(whole.join(file)).unwrap(), "{file}, {epoch}");
        }
    }
}

#[test]
fn the_same_name_for_other_data_is_noticed() {
    let temporary = tempfile::tempdir().unwrap();
    fit_here(Some(&open(temporary.path(), false)), &settings(), &mut StopAfter(3, 0));
    let (other, validation) = (same_side(1000, 8), same_side(200, 2));
    let folder = open(temporary.path(), true);
    let error = fit(build::<Network>(3), &other, &validation, &settings(), Some(&folder), &mut Unattended).unwrap_err();
    assert!(error.to_string().contains("the data points: 1,000 train"), "{error}");
}

#[test]
fn other_initial_weights_are_noticed() {
    let temporary = tempfile::tempdir().unwrap();
    fit_here(Some(&open(temporary.path(), false)), &settings(), &mut StopAfter(3, 0));
    let (train, validation) = (same_side(1000, 1), same_side(200, 2));
    let folder = open(temporary.path(), true);
    let error = fit(build::<Network>(4), &train, &validation, &settings(), Some(&folder), &mut Unattended).unwrap_err();
    assert!(error.to_string().contains("begun with the initial weights "), "{error}");
}

#[test]
fn a_folder_is_held_by_one_fit_at_a_time() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("run");
    let held = open(&path, false);
    let error = RunFolder::open(&path, "points", 3, false).unwrap_err();
    assert!(error.to_string().contains("another process trains here"), "{error}");
    drop(held);
    open(&path, false);
}

#[test]
fn a_checkpoint_with_too_few_values_is_an_error() {
    let temporary = tempfile::tempdir().unwrap();
    fit_here(Some(&open(temporary.path(), false)), &settings(), &mut StopAfter(3, 0));
    let path = temporary.path().join("last.ckpt");
    let mut checkpoint = Checkpoint::load(&path, &mut build::<Network>(1)).unwrap();
    checkpoint.tensors[0].values.pop();
    checkpoint::write(&path, &build::<Network>(1).architecture(), &checkpoint).unwrap();
    let error = Checkpoint::load(&path, &mut build::<Network>(1)).unwrap_err();
    assert!(error.to_string().contains("hidden1.weight with 31 values where 32 are needed"), "{error}");
}

#[test]
fn a_finished_fit_can_be_given_more_epochs() {
    let temporary = tempfile::tempdir().unwrap();
    let short = Recipe { epochs: NonZeroUsize::new(4).unwrap(), ..recipe() }.seeded(SEED);
    fit_here(Some(&open(&temporary.path().join("a"), false)), &short, &mut Unattended);
    fit_here(Some(&open(&temporary.path().join("a"), true)), &settings(), &mut Unattended);
    fit_here(Some(&open(&temporary.path().join("b"), false)), &settings(), &mut Unattended);
    let [a, b] = ["a", "b"].map(|run| fs::read(temporary.path().join(run).join("final.ckpt")).unwrap());
    assert!(a == b);
}

#[test]
fn a_fit_is_not_resumed_with_other_settings_or_other_data() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("run");
    fit_here(Some(&open(&path, false)), &settings(), &mut StopAfter(3, 0));
    let before = fs::read(path.join("last.ckpt")).unwrap();

    let (train, validation) = (same_side(1000, 1), same_side(200, 2));
    let resume = |settings: Settings, dataset: &str| {
        let folder = RunFolder::open(&path, dataset, 3, true).unwrap().0;
        let error =
            fit(build::<Network>(3), &train, &validation, &settings, Some(&folder), &mut Unattended).unwrap_err();
        error.to_string()
    };
    let faster = resume(Recipe { learning_rate: 0.1, ..recipe() }.seeded(SEED), "points");
    assert!(faster.contains("--learning-rate 0.01") && faster.ends_with("0.1"), "{faster}");
    let other_data = resume(settings(), "other points");
    assert!(
        other_data.contains("the data points: 1,000 train") && other_data.contains("other points: 1,000"),
        "{other_data}"
    );
    assert!(fs::read(path.join("last.ckpt")).unwrap() == before);
}

#[test]
fn a_rate_that_falls_to_the_last_epoch_does_not_go_on_to_another_last_one() {
    let temporary = tempfile::tempdir().unwrap();
    let falling = Recipe { schedule: Schedule::Linear, ..recipe() }.seeded(SEED);
    let rate_after = |epochs: usize| {
        let mut history = History::default();
        (0..epochs).for_each(|_| history.push(Epoch::default()));
        falling.recipe.learning_rate_after(&history)
    };
    assert_eq!([0, 15, 30].map(rate_after), [0.01, 0.005, 0.0]);
    fit_here(Some(&open(temporary.path(), false)), &falling, &mut StopAfter(3, 0));

    let (train, validation) = (same_side(1000, 1), same_side(200, 2));
    let longer = Recipe { epochs: NonZeroUsize::new(40).unwrap(), ..falling.recipe }.seeded(SEED);
    let folder = open(temporary.path(), true);
    let error = fit(build::<Network>(3), &train, &validation, &longer, Some(&folder), &mut Unattended).unwrap_err();
    assert!(error.to_string().contains("begun with --epochs 30, asked to resume with 40"), "{error}");
}

#[test]
fn an_earlier_fit_is_moved_aside_not_overwritten() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("run");
    fit_here(Some(&open(&path, false)), &settings(), &mut StopAfter(3, 0));
    let before = fs::read(path.join("last.ckpt")).unwrap();
    let (_, opened) = RunFolder::open(&path, "points", 3, false).unwrap();
    let previous = temporary.path().join("run.previous-1");
    assert_eq!(opened, Opened::SetAside(previous.clone()));
    assert!(fs::read(previous.join("last.ckpt")).unwrap() == before);
    assert!(!path.join("last.ckpt").exists());
}
