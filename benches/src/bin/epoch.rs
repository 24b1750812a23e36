//! Our side of `peers/compare.py`, which asks on stdin, a line at a time, and reads JSON from stdout.
//!
//! - `epoch data FOLDER` writes for the other side the digits, pixels as floats and labels as bytes, and the initial weights; it says
//!   where the digits come from and how many multiply-adds each job takes without the zeros among the pixels, and ends.
//! - `epoch serve THREADS` answers lines such as `epoch-100 5`, which asks for five epochs in batches of 100, with the seconds that
//!   one of them took and the mean training loss. Each job goes on training a network of its own, so its first call warms up.
//!   `multiply-adds` and `reading` are yardsticks: 10^9 multiply-adds, and 10^9 bytes from the second-nearest cache.
//!
//! Timed in an epoch: its order or its pairs, taking the batches out of the images, forward, backward, Adam. Not timed: loading,
//! validation.

use std::collections::BTreeMap;
use std::fs;
use std::io::stdin;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use benches::{ABOVE_FIRST, Images, Passes, digits, settings, time_multiply_adds, time_reading};
use ch11_core::data::{Augmentation, Dataset, Digits, PIXELS, PairSource};
use ch11_core::metrics::evaluate_on_threads;
use ch11_core::nets::{
    Classifier, DeepNet, Frozen, Hidden, HiddenLayers, Linear, PairNetwork, Parameters, build, export_tensors,
};
use ch11_core::train::{Classification, FixedPairs, PairTask, Recipe, TrainingState, cache, train_epoch};
use dfdx::prelude::CpuError;
use rayon::ThreadPoolBuilder;
use serde_json::json;

/// Pairs in an epoch of exercise 10, which are drawn from as many images, the first ones.
const PAIRS: usize = 50_000;

/// The network of exercise 10.
type PairNet = PairNetwork<HiddenLayers, HiddenLayers, (Hidden<200, 10>, Linear<10, 1>)>;

/// Does its work once; returns how long that took, and the mean loss.
type Job<'a> = Box<dyn FnMut() -> Result<(Duration, f64)> + 'a>;

fn main() -> Result<()> {
    dfdx::flush_denormals_to_zero();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, argument] = &arguments[..] else { bail!("usage: epoch data FOLDER | epoch serve THREADS") };
    match command.as_str() {
        "data" => {
            let digits = digits()?;
            let start = Start::new(&digits);
            start.write(Path::new(argument))?;
            let multiply_adds = start.multiply_adds();
            println!("{}", json!({ "dataset": digits.source.to_string(), "multiply_adds": multiply_adds }));
            Ok(())
        }
        "serve" => {
            let threads: NonZeroUsize = argument.parse().context("THREADS is a number above 0")?;
            // Before anything is done on them.
            ThreadPoolBuilder::new().num_threads(threads.get()).use_current_thread().build_global()?;
            serve(Start::new(&digits()?).jobs(threads)?)
        }
        _ => bail!("`{command}` is neither `data` nor `serve`"),
    }
}

/// What all sides start from.
struct Start {
    /// Digits 0 to 4: exercise 8.
    train: Dataset<PIXELS>,
    /// 100 images of each digit 5 to 9: exercise 9.
    transfer: Dataset<PIXELS>,
    /// Digits 0 to 9: exercise 10.
    paired: Dataset<PIXELS>,
    test: Dataset<PIXELS>,
    five_classes: DeepNet<5>,
    ten_classes: DeepNet<10>,
    pairs: PairNet,
}

impl Start {
    fn new(digits: &Digits) -> Self {
        Self {
            train: digits.train.clone().only(0..=4),
            transfer: digits.train.clone().only(5..=9).first_of_each(100),
            paired: digits.train.clone(),
            test: digits.test.clone(),
            five_classes: build(42),
            ten_classes: build(42),
            pairs: build(42),
        }
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let sets =
            [("train", &self.train), ("transfer", &self.transfer), ("paired", &self.paired), ("test", &self.test)];
        for (name, data) in sets {
            fs::write(folder.join(format!("{name}.pixels")), bytes(&pixels(data)))?;
            fs::write(folder.join(format!("{name}.labels")), data.labels())?;
        }
        fs::write(folder.join("5.weights"), weights(&self.five_classes))?;
        fs::write(folder.join("10.weights"), weights(&self.ten_classes))?;
        fs::write(folder.join("pairs.weights"), weights(&self.pairs))?;
        Ok(())
    }

    /// Counts the multiply-adds of each job.
    fn multiply_adds(&self) -> BTreeMap<&str, usize> {
        let passes = |data: &Dataset<PIXELS>, weights_above| {
            let Images { count, nonzero_pixels } = Images::of(data);
            Passes { images: count, nonzero_pixels, weights_above }
        };
        let epoch = passes(&self.train, ABOVE_FIRST + 500).training();
        let transfer = benches::epoch(5, Images::of(&self.transfer));
        // Each pair has two images, whose number of pixels is that of all images in the mean.
        let pairs = Passes {
            images: PAIRS,
            nonzero_pixels: 2 * PAIRS * Images::of(&self.paired).nonzero_pixels / self.paired.len(),
            weights_above: 2 * ABOVE_FIRST + 2_010,
        };
        BTreeMap::from([
            ("epoch-20", epoch),
            ("epoch-100", epoch),
            ("epoch-500", epoch),
            ("pairs-100", pairs.training()),
            ("frozen-20", transfer.frozen),
            ("cached-20", transfer.cached),
            ("inference-500", passes(&self.test, ABOVE_FIRST + 1_000).forward()),
        ])
    }

    fn jobs(&self, threads: NonZeroUsize) -> Result<BTreeMap<String, Job<'_>>> {
        let mut jobs: BTreeMap<String, Job<'_>> = BTreeMap::new();
        jobs.insert("multiply-adds".to_owned(), Box::new(move || Ok((time_multiply_adds(threads), 0.0))));
        jobs.insert("reading".to_owned(), Box::new(move || Ok((time_reading(threads), 0.0))));
        let threads = threads.get();
        for batch_size in [20, 100, 500] {
            let job = classifying(self.five_classes.clone(), self.train.clone(), batch_size, threads);
            jobs.insert(format!("epoch-{batch_size}"), job);
        }
        jobs.insert("pairs-100".to_owned(), self.pairing(100)?);
        jobs.insert("augmented-100".to_owned(), self.augmented(100, threads));
        jobs.insert("distort-1000".to_owned(), self.distorting(1000));

        let (h1, h2, h3, h4, h5, output) = self.five_classes.clone();
        let layers = (h1, h2, h3, h4, h5);
        let features: Dataset<100> = cache(&layers, &self.transfer);
        jobs.insert("cached-20".to_owned(), classifying(output.clone(), features, 20, threads));
        jobs.insert("frozen-20".to_owned(), classifying((Frozen(layers), output), self.transfer.clone(), 20, threads));

        let inference = move || {
            let started = Instant::now();
            let evaluation = evaluate_on_threads(&self.ten_classes, &self.test, threads);
            Ok((started.elapsed(), evaluation.loss))
        };
        jobs.insert("inference-500".to_owned(), Box::new(inference));
        Ok(jobs)
    }

    /// Training on images that are distorted anew each time.
    fn augmented(&self, batch_size: usize, threads: usize) -> Job<'_> {
        let validation = self.train.first_of_each(1);
        training(self.five_classes.clone(), batch_size, move |state, recipe| {
            let task = Classification::new(&self.train, &validation).on_threads(threads);
            train_epoch(&task.augmented(Augmentation::ELASTIC), recipe, state)
        })
    }

    /// Distorting the first so many images, which always takes one thread. What stands for the loss is the mean of all
    /// pixels.
    fn distorting(&self, count: usize) -> Job<'_> {
        let images = self.train.select(&(0..count.min(self.train.len())).collect::<Vec<_>>());
        let (distorter, mut seed) = (Augmentation::ELASTIC.distorter(), 0);
        Box::new(move || {
            seed += 1;
            let started = Instant::now();
            let drawn = distorter.distorted(&images, seed);
            let duration = started.elapsed();
            let pixels = pixels(&drawn);
            Ok((duration, pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / pixels.len() as f64))
        })
    }

    /// Training on pairs, on all threads.
    fn pairing(&self, batch_size: usize) -> Result<Job<'_>> {
        let images = &self.paired;
        let source = PairSource::new(images, 0..PAIRS)?;
        let validation = FixedPairs::draw(images, &source, 1, 42);
        let task = PairTask { images, source, training_images: PAIRS, validation, augmentation: Augmentation::OFF };
        Ok(training(self.pairs.clone(), batch_size, move |state, recipe| train_epoch(&task, recipe, state)))
    }
}

/// Returns the pixels of all images, `(n, 784)`, from 0 to 1.
fn pixels(data: &Dataset<PIXELS>) -> Vec<f32> {
    let rows: Vec<usize> = (0..data.len()).collect();
    let mut pixels = Vec::new();
    data.gather(&rows, &mut pixels);
    pixels
}

/// Returns all weights and biases of a network, in order, as PyTorch has them.
fn weights<M: Parameters>(network: &M) -> Vec<u8> {
    export_tensors(network).iter().flat_map(|tensor| bytes(&tensor.values)).collect()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn classifying<'a, M: Classifier<D, CLASSES> + 'a, const D: usize, const CLASSES: usize>(
    network: M,
    train: Dataset<D>,
    batch_size: usize,
    threads: usize,
) -> Job<'a> {
    // Not timed, so a few are enough.
    let validation = train.first_of_each(1);
    training(network, batch_size, move |state, recipe| {
        train_epoch(&Classification::new(&train, &validation).on_threads(threads), recipe, state)
    })
}

/// Goes on training a network, an epoch at a time.
fn training<'a, M: Parameters + 'a>(
    network: M,
    batch_size: usize,
    epoch: impl Fn(&mut TrainingState<M>, &Recipe) -> Result<Duration, CpuError> + 'a,
) -> Job<'a> {
    let settings = settings(batch_size, 1);
    let mut state = TrainingState::new(network, &settings);
    Box::new(move || {
        let duration = epoch(&mut state, &settings.recipe)?;
        let loss = state.history.last().context("an epoch was trained")?.training_loss;
        Ok((duration, loss))
    })
}

fn serve(mut jobs: BTreeMap<String, Job<'_>>) -> Result<()> {
    for line in stdin().lines() {
        let line = line?;
        let (name, times) = line.split_once(' ').context("a line is a job and how many times to do it")?;
        let job = jobs.get_mut(name).with_context(|| format!("there is no job `{name}`"))?;
        let times: u32 = times.parse()?;
        ensure!(times > 0, "nothing to do");
        let (mut total, mut loss_sum) = (Duration::ZERO, 0.0);
        for _ in 0..times {
            let (duration, loss) = job()?;
            total += duration;
            loss_sum += loss;
        }
        println!("{}", json!({ "seconds": (total / times).as_secs_f64(), "loss": loss_sum / f64::from(times) }));
    }
    Ok(())
}
