//! Fits: they learn, stop, restore, and say when they diverge.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use ch11_core::checkpoint;
use ch11_core::data::Dataset;
use ch11_core::metrics::evaluate;
use ch11_core::nets::{Architecture, Hidden, Linear, build, export_tensors};
use ch11_core::train::{
    Checkpoint, Decay, Ending, Fitted, History, Observer, Recipe, RunFolder, Settings, Unattended, fit,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub type Network = (Hidden<2, 16>, Hidden<16, 16>, Linear<16, 2>);

/// Points in a square, and whether both coordinates lie on the same side of the middle: no linear model can tell.
pub fn same_side(points: usize, seed: u64) -> Dataset<2> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let coordinates: Vec<u8> = (0..2 * points).map(|_| rng.r#gen()).collect();
    let labels = coordinates.chunks(2).map(|point| u8::from((point[0] < 128) == (point[1] < 128))).collect();
    Dataset::from_pixels(coordinates, labels, 2)
}

pub const SEED: u64 = 7;

pub fn recipe() -> Recipe {
    Recipe {
        learning_rate: 0.01,
        batch_size: NonZeroUsize::new(32).unwrap(),
        ema_decay: Decay::new(0.9),
        epochs: NonZeroUsize::new(30).unwrap(),
        patience: NonZeroUsize::new(5).unwrap(),
        ..Recipe::DEEP_NET
    }
}

pub fn settings() -> Settings {
    recipe().seeded(SEED)
}

/// Stops after a number of epochs.
pub struct StopAfter(pub usize, pub usize);

impl Observer for StopAfter {
    fn epoch_ended(&mut self, history: &History) {
        self.1 = history.len();
    }

    fn wants_to_stop(&self) -> bool {
        self.1 >= self.0
    }
}

pub fn fit_here(folder: Option<&RunFolder>, settings: &Settings, observer: &mut dyn Observer) -> Fitted<Network> {
    let (train, validation) = (same_side(1000, 1), same_side(200, 2));
    fit(build::<Network>(3), &train, &validation, settings, folder, observer).unwrap()
}

pub fn open(path: &Path, resume: bool) -> RunFolder {
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
