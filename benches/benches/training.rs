//! How long exercise 8b's network takes for an epoch, and to classify the test digits.
//!
//! - `training_epoch`: the training on all digits 0 to 4, 28,038 in MNIST: forward, backward, Adam, and taking the batches
//!   out of the images. Not timed: loading, validation, and a copy of the state to start from.
//! - `inference`: a network for ten digits on the 10,000 test images, with its loss and confusion matrix.
//!
//! One thread does all of it.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Duration;

use benches::{digits, print_dataset, settings, time_epoch};
use ch11_core::data::Digits;
use ch11_core::metrics::evaluate;
use ch11_core::nets::{DeepNet, build};
use ch11_core::train::{Classification, Trainer, TrainingState};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};

const BATCH_SIZES: [usize; 3] = [20, 100, 500];

fn main() -> ch11_core::Result<()> {
    dfdx::flush_denormals_to_zero();
    let digits = digits()?;
    print_dataset(&digits);
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .nresamples(10_000)
        .configure_from_args();
    training_epoch(&mut criterion, &digits);
    inference(&mut criterion, &digits);
    criterion.final_summary();
    Ok(())
}

fn training_epoch(criterion: &mut Criterion, digits: &Digits) {
    let train = digits.train.only(0..=4);
    // Not timed, so a few are enough.
    let validation = digits.validation.only(0..=4).first_of_each(1);
    let mut group = criterion.benchmark_group("training_epoch");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(train.len() as u64));
    for batch_size in BATCH_SIZES {
        let settings = settings(batch_size, 1);
        let state = TrainingState::new(build::<DeepNet<5>>(42), &settings);
        group.bench_function(BenchmarkId::from_parameter(batch_size), |bencher| {
            time_epoch(bencher, Trainer::new(&Classification::new(&train, &validation), &settings), &state);
        });
    }
    group.finish();
}

fn inference(criterion: &mut Criterion, digits: &Digits) {
    let network: DeepNet<10> = build(42);
    let mut group = criterion.benchmark_group("inference");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(digits.test.len() as u64));
    group.bench_function("test digits", |bencher| {
        bencher.iter(|| evaluate(black_box(&network), black_box(&digits.test)).unwrap());
    });
    group.finish();
}
