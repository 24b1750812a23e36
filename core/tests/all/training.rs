//! Fits: they learn, stop, restore, resume to the same bits, and say when they diverge.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use ch11_core::checkpoint;
use ch11_core::data::Dataset;
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Architecture, Hidden, Linear, build, export_tensors};
use ch11_core::train::{
    Algorithm, Checkpoint, Ending, Fitted, History, Observer, Opened, Recipe, RunFolder, Schedule, Settings,
    Unattended, fit,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Network = (Hidden<2, 16>, Hidden<16, 16>, Linear<16, 2>);

/// Points in a square, and whether both coordinates lie on the same side of the middle: no linear model can tell.
fn same_side(points: usize, seed: u64) -> Dataset<2> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let coordinates: Vec<u8> = (0..2 * points).map(|_| rng.r#gen()).collect();
    let labels = coordinates.chunks(2).map(|point| u8::from((point[0] < 128) == (point[1] < 128))).collect();
    Dataset::from_pixels(coordinates, labels, 2)
}

const SEED: u64 = 7;

fn recipe() -> Recipe {
    Recipe {
        learning_rate: 0.01,
        batch_size: NonZeroUsize::new(32).unwrap(),
        ema_decay: Some(0.9),
        epochs: NonZeroUsize::new(30).unwrap(),
        patience: NonZeroUsize::new(5).unwrap(),
        ..Recipe::DEEP_NET
    }
}

fn settings() -> Settings {
    recipe().seeded(SEED)
}

/// Stops after a number of epochs.
struct StopAfter(usize, usize);

impl Observer for StopAfter {
    fn epoch_ended(&mut self, history: &History) {
        self.1 = history.len();
    }

    fn wants_to_stop(&self) -> bool {
        self.1 >= self.0
    }
}

fn fit_here(folder: Option<&RunFolder>, settings: &Settings, observer: &mut dyn Observer) -> Fitted<Network> {
    let (train, validation) = (same_side(1000, 1), same_side(200, 2));
    fit(build::<Network>(3), &train, &validation, settings, folder, observer).unwrap()
}

fn open(path: &Path, resume: bool) -> RunFolder {
    RunFolder::open(path, "points", 3, resume).unwrap().0
}

#[test]
fn learns_what_no_linear_model_can_and_keeps_the_best_epoch() {
    let fitted = fit_here(None, &settings(), &mut Unattended);
    let validation = evaluate(&fitted.network, &same_side(200, 2));
    let (epoch, best) = fitted.history.best().unwrap();
    assert_eq!(validation.loss, best.validation_loss);
    assert_eq!(fitted.best_epoch(), epoch);
    assert!(evaluate(&fitted.network, &same_side(1000, 9)).accuracy() > 0.95);
}

#[test]
fn training_is_measured_before_the_step_that_it_causes() {
    let whole =
        Recipe { batch_size: NonZeroUsize::new(1000).unwrap(), epochs: NonZeroUsize::MIN, ..recipe() }.seeded(SEED);
    let first = fit_here(None, &whole, &mut Unattended).history.epochs()[0];
    let untrained = evaluate(&build::<Network>(3), &same_side(1000, 1));
    assert_eq!(first.training_accuracy, untrained.accuracy());
    assert!((first.training_loss - untrained.loss).abs() < 1e-6, "{first:?}, not {}", untrained.loss);

    let fitted = fit_here(None, &settings(), &mut Unattended);
    let last = fitted.history.last().unwrap();
    assert!(last.training_accuracy > untrained.accuracy().max(0.9), "{last:?}");
}

#[test]
fn patience_and_epochs_end_a_fit() {
    let impatient = Recipe { patience: NonZeroUsize::MIN, ..recipe() }.seeded(SEED);
    let fitted = fit_here(None, &impatient, &mut Unattended);
    assert_eq!(fitted.ending, Ending::EarlyStopping);
    assert_eq!(fitted.history.epochs_since_best(), 1);

    let short = Recipe { epochs: NonZeroUsize::new(2).unwrap(), ..recipe() }.seeded(SEED);
    let fitted = fit_here(None, &short, &mut Unattended);
    assert_eq!((fitted.ending, fitted.history.len()), (Ending::EpochLimit, 2));
}

#[test]
fn equal_seeds_give_equal_bits_and_other_seeds_others() {
    let one = fit_here(None, &settings(), &mut Unattended);
    let two = fit_here(None, &settings(), &mut Unattended);
    assert_eq!(one.history, two.history);
    assert_eq!(export_tensors(&one.network), export_tensors(&two.network));
    let other = fit_here(None, &recipe().seeded(8), &mut Unattended);
    assert_ne!(one.history, other.history);
}

#[test]
fn a_fit_cut_off_after_any_epoch_resumes_to_the_same_bytes() {
    let nesterov = Algorithm::Nesterov { momentum: 0.9 };
    let fits = [
        (Algorithm::Adam, Schedule::Constant, None),
        (Algorithm::Adam, Schedule::Linear, Some(0.9)),
        (nesterov, Schedule::Constant, Some(0.9)),
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
    assert_eq!([0, 15, 30].map(|epochs| falling.recipe.learning_rate_after(epochs)), [0.01, 0.005, 0.0]);
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

#[test]
fn a_loss_that_is_not_finite_ends_the_fit() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("run");
    let wild = Recipe { learning_rate: 1e30, ema_decay: None, ..recipe() }.seeded(SEED);
    let fitted = fit_here(Some(&open(&path, false)), &wild, &mut Unattended);
    assert!(matches!(fitted.ending, Ending::Diverged { epoch: 1..=2 }), "{:?}", fitted.ending);
    assert!(!path.join("last.ckpt").exists() && !path.join("final.ckpt").exists());
}

#[test]
fn divergence_after_good_epochs_leaves_the_best_network_and_the_last_checkpoint() {
    let temporary = tempfile::tempdir().unwrap();
    fit_here(Some(&open(temporary.path(), false)), &settings(), &mut StopAfter(3, 0));
    let last = fs::read(temporary.path().join("last.ckpt")).unwrap();

    // The optimizer's state cannot be changed from outside, but huge weights in the state make the next loss infinite.
    let path = temporary.path().join("last.ckpt");
    let mut checkpoint = Checkpoint::load(&path, &mut build::<Network>(1)).unwrap();
    for value in &mut checkpoint.tensors[0].values {
        *value = f32::MAX;
    }
    checkpoint::write(&path, &build::<Network>(1).architecture(), &checkpoint).unwrap();
    let huge = fs::read(&path).unwrap();
    let fitted = fit_here(Some(&open(temporary.path(), true)), &settings(), &mut Unattended);
    assert_eq!(fitted.ending, Ending::Diverged { epoch: 4 });
    assert!((1..=3).contains(&fitted.best_epoch()), "{}", fitted.best_epoch());
    let validation = evaluate(&fitted.network, &same_side(200, 2));
    assert_eq!(validation.loss, fitted.history.best().unwrap().1.validation_loss);
    assert!(fs::read(&path).unwrap() == huge && huge != last);
    assert!(!temporary.path().join("final.ckpt").exists());
}
