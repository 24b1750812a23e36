//! burn, on its CPU backend in Rust: answers as `epoch serve` does, for training epochs.
//!
//! `burn-peer FOLDER` reads from a folder what `epoch data` wrote there. Rayon's threads are those of `RAYON_NUM_THREADS`.

mod data;
mod networks;

use std::collections::BTreeMap;
use std::io::stdin;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

use data::{Pair, Set, draw_pairs, rows};
use networks::{DeepNet, PairNet};

/// Does its work once; returns how long that took, and the mean loss.
type Job = Box<dyn FnMut() -> (Duration, f64)>;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("usage: burn-peer FOLDER")?;
    let (folder, device) = (Path::new(&folder), Device::flex().autodiff());
    let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
    for batch in [20, 100, 500] {
        jobs.insert(format!("epoch-{batch}"), classifying(folder, batch, &device)?);
    }
    jobs.insert("pairs-100".to_owned(), comparing(folder, 100, &device)?);
    serve(jobs)
}

fn classifying(folder: &Path, batch: usize, device: &Device) -> Result<Job> {
    let Set { x, labels } = Set::load(folder, "train", device)?;
    let targets: Tensor<1, Int> = Tensor::from_ints(&labels[..], device);
    let mut order: Vec<i32> = (0..).take(labels.len()).collect();
    let draw = move |rng: &mut SmallRng| {
        order.shuffle(rng);
        order.clone()
    };
    let loss = {
        let device = device.clone();
        move |network: &DeepNet, batch: &[i32]| {
            let batch: Tensor<1, Int> = Tensor::from_ints(batch, &device);
            network.loss(x.clone().select(0, batch.clone()), targets.clone().select(0, batch))
        }
    };
    Ok(training(DeepNet::load(folder, device)?, batch, draw, loss))
}

fn comparing(folder: &Path, batch: usize, device: &Device) -> Result<Job> {
    let Set { x, labels } = Set::load(folder, "paired", device)?;
    let draw = move |rng: &mut SmallRng| draw_pairs(&labels, batch, rng);
    let loss = {
        let device = device.clone();
        move |network: &PairNet, pairs: &[Pair]| {
            let images = |row: fn(&Pair) -> i32| x.clone().select(0, rows(pairs, row, &device));
            let different = rows(pairs, |pair| pair.different, &device);
            network.loss(images(|pair| pair.first), images(|pair| pair.second), different)
        }
    };
    Ok(training(PairNet::load(folder, device)?, batch, draw, loss))
}

/// Goes on training a network, an epoch at a time, on examples drawn anew.
fn training<M: Module + 'static, Example: 'static>(
    network: M,
    batch: usize,
    mut draw: impl FnMut(&mut SmallRng) -> Vec<Example> + 'static,
    loss: impl Fn(&M, &[Example]) -> Tensor<1> + 'static,
) -> Job {
    let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
    let mut rng = SmallRng::seed_from_u64(42);
    let mut network = Some(network);
    Box::new(move || {
        let started = Instant::now();
        let (examples, mut loss_sum) = (draw(&mut rng), 0.0);
        for batch in examples.chunks(batch) {
            let trained = network.take().expect("every step puts one back");
            let mean = loss(&trained, batch);
            let gradients = GradientsParams::from_grads(mean.backward(), &trained);
            network = Some(adam.step(0.001, trained, gradients));
            loss_sum += mean.into_scalar::<f64>() * batch.len() as f64;
        }
        (started.elapsed(), loss_sum / examples.len() as f64)
    })
}

fn serve(mut jobs: BTreeMap<String, Job>) -> Result<()> {
    for line in stdin().lines() {
        let line = line?;
        let (name, times) = line.split_once(' ').context("a line is a job and how many times to do it")?;
        let job = jobs.get_mut(name).with_context(|| format!("there is no job `{name}`"))?;
        let times: u32 = times.parse()?;
        let (mut total, mut loss_sum) = (Duration::ZERO, 0.0);
        for _ in 0..times {
            let (duration, loss) = job();
            total += duration;
            loss_sum += loss;
        }
        let (seconds, loss) = ((total / times).as_secs_f64(), loss_sum / f64::from(times));
        println!(r#"{{"seconds": {seconds}, "loss": {loss}}}"#);
    }
    Ok(())
}
