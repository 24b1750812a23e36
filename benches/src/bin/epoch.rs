//! Our side of `peers/compare.py`, which asks on stdin, a line at a time, and reads JSON from stdout.
//!
//! - `epoch data FOLDER` writes for the other side the digits, pixels as floats and labels as bytes, and the initial weights, and
//!   ends.
//! - `epoch serve THREADS` answers lines such as `epoch-100 5`, which asks for five epochs in batches of 100, with the seconds that
//!   one of them took and the mean training loss. Each job goes on training a network of its own, so its first call warms up.
//!
//! Timed in an epoch: its order, taking the batches out of the images, forward, backward, Adam. Not timed: loading, validation.

use std::collections::BTreeMap;
use std::fs;
use std::io::stdin;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use benches::{digits, settings};
use ch11_core::data::{Dataset, Digits, PIXELS};
use ch11_core::metrics::evaluate_on_threads;
use ch11_core::nets::{Classifier, DeepNet, Frozen, Parameters, build, export_tensors};
use ch11_core::train::{Classification, TrainingState, cache, train_epoch};
use serde_json::json;

/// Does its work once; returns how long that took, and the mean loss.
type Job<'a> = Box<dyn FnMut() -> Result<(Duration, f64)> + 'a>;

fn main() -> Result<()> {
    dfdx::flush_denormals_to_zero();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, argument] = &arguments[..] else { bail!("usage: epoch data FOLDER | epoch serve THREADS") };
    let digits = digits()?;
    let start = Start::new(&digits);
    match command.as_str() {
        "data" => {
            start.write(Path::new(argument))?;
            println!("{}", json!({ "dataset": digits.source.to_string() }));
            Ok(())
        }
        "serve" => serve(start.jobs(argument.parse().context("THREADS is a number")?)?),
        _ => bail!("`{command}` is neither `data` nor `serve`"),
    }
}

/// What all sides start from.
struct Start {
    /// Digits 0 to 4: exercise 8.
    train: Dataset<PIXELS>,
    /// 100 images of each digit 5 to 9: exercise 9.
    transfer: Dataset<PIXELS>,
    test: Dataset<PIXELS>,
    five_classes: DeepNet<5>,
    ten_classes: DeepNet<10>,
}

impl Start {
    fn new(digits: &Digits) -> Self {
        Self {
            train: digits.train.clone().only(0..=4),
            transfer: digits.train.clone().only(5..=9).first_of_each(100),
            test: digits.test.clone(),
            five_classes: build(42),
            ten_classes: build(42),
        }
    }

    fn write(&self, folder: &Path) -> Result<()> {
        for (name, data) in [("train", &self.train), ("transfer", &self.transfer), ("test", &self.test)] {
            let rows: Vec<usize> = (0..data.len()).collect();
            let mut pixels = Vec::new();
            data.gather(&rows, &mut pixels);
            fs::write(folder.join(format!("{name}.pixels")), bytes(&pixels))?;
            fs::write(folder.join(format!("{name}.labels")), data.labels())?;
        }
        fs::write(folder.join("5.weights"), weights(&self.five_classes))?;
        fs::write(folder.join("10.weights"), weights(&self.ten_classes))?;
        Ok(())
    }

    fn jobs(&self, threads: usize) -> Result<BTreeMap<String, Job<'_>>> {
        let mut jobs: BTreeMap<String, Job<'_>> = BTreeMap::new();
        for batch_size in [20, 100, 500] {
            let job = training(self.five_classes.clone(), self.train.clone(), batch_size, threads);
            jobs.insert(format!("epoch-{batch_size}"), job);
        }

        let (h1, h2, h3, h4, h5, output) = self.five_classes.clone();
        let layers = (h1, h2, h3, h4, h5);
        let features: Dataset<100> = cache(&layers, &self.transfer);
        jobs.insert("cached-20".to_owned(), training(output.clone(), features, 20, threads));
        jobs.insert("frozen-20".to_owned(), training((Frozen(layers), output), self.transfer.clone(), 20, threads));

        let inference = move || {
            let started = Instant::now();
            let evaluation = evaluate_on_threads(&self.ten_classes, &self.test, threads);
            Ok((started.elapsed(), evaluation.loss))
        };
        jobs.insert("inference-500".to_owned(), Box::new(inference));
        Ok(jobs)
    }
}

/// Returns all weights and biases of a network, in order, as PyTorch has them.
fn weights<M: Parameters>(network: &M) -> Vec<u8> {
    export_tensors(network).iter().flat_map(|tensor| bytes(&tensor.values)).collect()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn training<'a, M: Classifier<D, CLASSES> + 'a, const D: usize, const CLASSES: usize>(
    network: M,
    train: Dataset<D>,
    batch_size: usize,
    threads: usize,
) -> Job<'a> {
    // Not timed, so a few are enough.
    let validation = train.first_of_each(1);
    let settings = settings(batch_size, 1);
    let mut state = TrainingState::new(network, &settings);
    Box::new(move || {
        let task = Classification::new(&train, &validation).on_threads(threads);
        let duration = train_epoch(&task, &settings.recipe, &mut state)?;
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
