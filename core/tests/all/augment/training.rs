//! Training on what is drawn: in fused steps as on the tape, on any number of threads, and resumed.

use std::collections::HashSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use ch11_core::data::{Augmentation, Dataset, Digits, PairSource};
use ch11_core::nets::{
    Comparer, DeepNet, Hidden, Linear, NormalisedHidden, PairNetwork, Parameters, Siamese, build, copy_out,
};
use ch11_core::train::{
    Classification, Decay, FixedPairs, PairTask, Recipe, RunFolder, Settings, Task, TrainingState, Unattended,
    fit_task, train_epoch, train_on_tape,
};
use ch11_core::{Error, Result};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::digits;
use crate::training::StopAfter;

type Task5<'a> = Classification<'a, 784, 5>;
type Small = (Hidden<784, 20>, Linear<20, 5>);

fn settings(batch_size: usize, epochs: usize) -> Settings {
    let [batch_size, epochs] = [batch_size, epochs].map(|number| NonZeroUsize::new(number).unwrap());
    Recipe { batch_size, ema_decay: Decay::new(0.9), epochs, patience: epochs, ..Recipe::DEEP_NET }.seeded(3)
}

/// Trains for two epochs, fused and on the tape, and compares losses and weights.
fn agrees<M: Parameters, T: Task<M>>(network: &M, task: &T, batch_size: usize) {
    let settings = settings(batch_size, 2);
    let [mut fused, mut tape] = [(); 2].map(|()| TrainingState::new(network.clone(), &settings));
    for _ in 0..2 {
        train_epoch(task, &settings.recipe, &mut fused).unwrap();
        let expected = train_on_tape(task, &mut tape, &settings.recipe).unwrap();
        let epoch = *fused.history.last().unwrap();
        assert!((epoch.training_loss - expected.loss()).abs() < 1e-3, "{epoch:?}, not {}", expected.loss());
    }
    let [ours, expected] = [&fused.network, &tape.network].map(|network| copy_out(network));
    let furthest = ours.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(furthest < 2e-3, "a weight is {furthest} from that on the tape");
    assert_eq!(fused.rng, tape.rng);
}

#[test]
fn fused_steps_train_on_the_images_of_the_tape() {
    // More images than a thread draws at once.
    let Digits { train, validation, .. } = digits(1_300);
    for augmentation in [Augmentation::OFF, Augmentation::SHIFT, Augmentation::ELASTIC] {
        let task = Task5::new(&train, &validation).augmented(augmentation);
        agrees(&build::<Small>(1), &task, 90);
    }
    let few = train.first_of_each(20);
    agrees(&build::<Small>(1), &Task5::new(&few, &validation).augmented(Augmentation::AFFINE), 1_000);
}

#[test]
fn an_epoch_of_copies_has_each_image_once_and_draws_which_copy_it_is() {
    let Digits { train, validation, .. } = digits(100);
    let copies = Augmentation::SHIFT.distorter().copies(&train, 4, 1);
    let task = Task5::new(&copies, &validation).of_copies(4);
    agrees(&build::<Small>(1), &task, 30);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut rows =
        || -> Vec<usize> { Task::<Small>::draw_epoch(&task, 30, &mut rng).iter().map(|it| it.row).collect() };
    let epochs = [rows(), rows()];
    for rows in &epochs {
        let mut images: Vec<usize> = rows.iter().map(|row| row % train.len()).collect();
        images.sort_unstable();
        assert_eq!(images, (0..train.len()).collect::<Vec<_>>());
        assert_eq!(rows.iter().map(|row| row / train.len()).collect::<HashSet<_>>().len(), 4);
    }
    assert_ne!(epochs[0], epochs[1]);
}

fn pair_task<'a>(images: &'a Dataset<784>, augmentation: Augmentation) -> PairTask<'a> {
    let held_out = images.len() - 100;
    let validation = FixedPairs::draw(images, &PairSource::new(images, held_out..images.len()).unwrap(), 50, 1);
    let source = PairSource::new(images, 0..held_out).unwrap();
    PairTask { images, source, training_images: held_out, validation, augmentation }
}

fn pairs_agree<M: Comparer>(network: &M) {
    let images = digits(900).train;
    for augmentation in [Augmentation::OFF, Augmentation::ELASTIC] {
        agrees(network, &pair_task(&images, augmentation), 60);
    }
}

#[test]
fn both_images_of_a_pair_are_distorted_as_on_the_tape() {
    type Tower = (Hidden<784, 100>,);
    pairs_agree(&build::<PairNetwork<Tower, Tower, (Hidden<200, 10>, Linear<10, 1>)>>(1));
    pairs_agree(&build::<Siamese<Tower, Linear<100, 1>>>(1));
}

#[test]
fn threads_change_no_bit() {
    // Fewer are not worth a second thread.
    let Digits { train, validation, .. } = digits(2_300);
    assert!(train.len() > 1_700, "{}", train.len());
    for batch_size in [50, 700, 1_500] {
        let settings = settings(batch_size, 2);
        let [one, two] = [1, 2].map(|threads| {
            let task = Task5::new(&train, &validation).on_threads(threads).augmented(Augmentation::ELASTIC);
            fit_task(build::<DeepNet<5>>(1), &task, &settings, None, &mut Unattended).unwrap()
        });
        assert_eq!(one.history, two.history, "batches of {batch_size}");
        assert!(copy_out(&one.network).iter().zip(copy_out(&two.network)).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

fn fit_in(folder: &Path, resume: bool, augmentation: Augmentation, stop_after: usize) -> Result<()> {
    let Digits { train, validation, .. } = digits(400);
    let (folder, _) = RunFolder::open(folder, "digits", 2, resume)?;
    let task = Task5::new(&train, &validation).augmented(augmentation);
    fit_task(build::<Small>(1), &task, &settings(50, 5), Some(&folder), &mut StopAfter(stop_after, 0))?;
    Ok(())
}

#[test]
fn a_fit_that_was_interrupted_goes_on_with_the_same_images() {
    let temporary = tempfile::tempdir().unwrap();
    let whole = temporary.path().join("whole");
    fit_in(&whole, false, Augmentation::ELASTIC, 9).unwrap();
    for epochs in [1, 3] {
        let cut = temporary.path().join(epochs.to_string());
        fit_in(&cut, false, Augmentation::ELASTIC, epochs).unwrap();
        fit_in(&cut, true, Augmentation::ELASTIC, 9).unwrap();
        for file in ["last.ckpt", "best.ckpt", "final.ckpt"] {
            assert!(fs::read(cut.join(file)).unwrap() == fs::read(whole.join(file)).unwrap(), "{file}, {epochs}");
        }
    }
}

#[test]
fn another_augmentation_is_another_fit() {
    let temporary = tempfile::tempdir().unwrap();
    for (begun, asked) in [("off", "affine"), ("affine", "elastic"), ("shift", "off")] {
        let folder = temporary.path().join(begun);
        fit_in(&folder, false, begun.parse().unwrap(), 1).unwrap();
        let error = fit_in(&folder, true, asked.parse().unwrap(), 9).unwrap_err();
        assert!(matches!(error, Error::OtherRun { what: "the data", .. }), "{error}");
        for name in [begun, asked].into_iter().filter(|name| *name != "off") {
            assert!(error.to_string().contains(&format!("train, augmented ({name}), ")), "{error}");
        }
    }
}

#[test]
fn a_network_learns_of_distorted_images_what_it_does_not_of_others() {
    let Digits { train, validation, test, .. } = digits(1_500);
    let distorted = Augmentation::ELASTIC.distorter().distorted(&test, 1);
    let [plain, augmented] = [Augmentation::OFF, Augmentation::ELASTIC].map(|augmentation| {
        let task = Task5::new(&train, &validation).augmented(augmentation);
        let fitted = fit_task(build::<DeepNet<5>>(1), &task, &settings(50, 15), None, &mut Unattended).unwrap();
        ch11_core::metrics::evaluate(&fitted.network, &distorted).accuracy()
    });
    assert!(augmented > plain + 0.02, "{augmented}, and {plain} without augmentation");
}

#[test]
fn statistics_of_batch_normalisation_are_those_of_distorted_images() {
    let Digits { train, validation, .. } = digits(300);
    let network: (NormalisedHidden<784, 20>, Linear<20, 5>) = build(1);
    let measured = |task: Task5<'_>| {
        let mut network = network.clone();
        task.measure_statistics(&mut network);
        copy_out(&network)
    };
    let plain = measured(Task5::new(&train, &validation));
    let augmented = measured(Task5::new(&train, &validation).augmented(Augmentation::ELASTIC));
    assert_ne!(plain, augmented);

    let distorter = Augmentation::ELASTIC.distorter();
    let (mut floats, mut pixels) = (Vec::new(), vec![0; train.len() * 784]);
    train.gather(&(0..train.len()).collect::<Vec<_>>(), &mut floats);
    let bytes: Vec<u8> = floats.iter().map(|pixel| (255.0 * pixel).round() as u8).collect();
    for (row, drawn) in pixels.chunks_exact_mut(784).enumerate() {
        distorter.draw(&bytes[row * 784..(row + 1) * 784], row as u64, drawn);
    }
    let distorted = Dataset::from_pixels(pixels, train.labels().to_vec(), 5);
    assert_eq!(augmented, measured(Task5::new(&distorted, &validation)));
}
