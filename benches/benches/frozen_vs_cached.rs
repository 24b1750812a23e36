//! What it is worth to cache what frozen layers make of the training images: exercise 9's part b against its part c.
//!
//! 500 images of the digits 5 to 9 train a new output layer above four or five hidden layers that no longer learn. `frozen`
//! sends every batch through these layers; `cached` trains the same output layer on their outputs, computed once. Both end
//! in the same weights, which is asserted for every batch size before anything is timed.
//!
//! - `epoch`: the training of one epoch. Not timed: the cache, validation, and a copy of the state to start from.
//! - `fit`: all epochs and the validation after each; for `cached`, the making of both caches, too. Not timed: loading
//!   digits and building networks.
//!
//! The hidden layers are as they were initialised: how long they take does not depend on what they have learnt.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Duration;

use benches::{
    BATCH_SIZES, FIT_BATCH_SIZE, FIT_EPOCHS, Timed, digits, images_of_exercise_9, print_dataset, settings, time_epoch,
};
use ch11_core::data::Dataset;
use ch11_core::nets::{
    Batch, Classifier, DeepNet, Freeze, Frozen, Linear, Parameters, Sequential, build, export_tensors,
};
use ch11_core::train::{Classification, TrainingState, Unattended, cache, fit};
use criterion::measurement::WallTime;
use criterion::{AxisScale, BenchmarkGroup, BenchmarkId, Criterion, PlotConfiguration};
use dfdx::prelude::Module;

type Output = Linear<100, 5>;

fn main() -> ch11_core::Result<()> {
    dfdx::flush_denormals_to_zero();
    let digits = digits()?;
    print_dataset(&digits);
    let [train, validation] = images_of_exercise_9(digits);
    let (h1, h2, h3, h4, h5, _output): DeepNet<5> = build(42);
    let four = (h1.clone(), h2.clone(), h3.clone(), h4.clone());
    let four = Comparison { count: 4, layers: four, output: build(43), train: &train, validation: &validation };
    let five = (h1, h2, h3, h4, h5);
    let five = Comparison { count: 5, layers: five, output: build(43), train: &train, validation: &validation };

    five.assert_equal_weights();
    four.assert_equal_weights();
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .nresamples(10_000)
        .configure_from_args();
    five.time_epochs(&mut criterion);
    four.time_epochs(&mut criterion);
    five.time_fits(&mut criterion);
    four.time_fits(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// An output layer that is trained above `count` frozen layers, in either way.
struct Comparison<'a, L> {
    count: usize,
    layers: L,
    output: Output,
    train: &'a Dataset<784>,
    validation: &'a Dataset<784>,
}

impl<L> Comparison<'_, L>
where
    L: Freeze + Parameters + Sequential + Module<Batch<784>, Output = Batch<100>>,
    (Frozen<L>, Output): Classifier<784, 5>,
{
    fn frozen(&self) -> (Frozen<L>, Output) {
        (Frozen(self.layers.clone()), self.output.clone())
    }

    fn fit_frozen(&self, batch_size: usize, epochs: usize) -> (Frozen<L>, Output) {
        let settings = settings(batch_size, epochs);
        fit(self.frozen(), self.train, self.validation, &settings, None, &mut Unattended).unwrap().network
    }

    fn fit_cached(&self, batch_size: usize, epochs: usize) -> Output {
        let (train, validation) = (self.cache(self.train), self.cache(self.validation));
        let settings = settings(batch_size, epochs);
        fit(self.output.clone(), &train, &validation, &settings, None, &mut Unattended).unwrap().network
    }

    fn cache(&self, data: &Dataset<784>) -> Dataset<100> {
        cache(&self.layers, data)
    }

    fn assert_equal_weights(&self) {
        for batch_size in BATCH_SIZES {
            let (_, frozen) = self.fit_frozen(batch_size, 3);
            let cached = self.fit_cached(batch_size, 3);
            assert_eq!(export_tensors(&frozen), export_tensors(&cached), "batches of {batch_size}");
            assert_ne!(export_tensors(&frozen), export_tensors(&self.output), "nothing was learnt");
        }
    }

    fn time_epochs(&self, criterion: &mut Criterion) {
        let (train, validation) = (self.cache(self.train), self.cache(self.validation));
        let mut group = start_group(criterion, &Timed::Epoch { batch_size: BATCH_SIZES[0] }.group(self.count));
        for batch_size in BATCH_SIZES {
            let settings = settings(batch_size, 1);
            group.bench_function(BenchmarkId::new("frozen", batch_size), |bencher| {
                let state = TrainingState::new(self.frozen(), &settings);
                time_epoch(bencher, (&Classification::new(self.train, self.validation), &settings), &state);
            });
            group.bench_function(BenchmarkId::new("cached", batch_size), |bencher| {
                let state = TrainingState::new(self.output.clone(), &settings);
                time_epoch(bencher, (&Classification::new(&train, &validation), &settings), &state);
            });
        }
        group.finish();
    }

    fn time_fits(&self, criterion: &mut Criterion) {
        let mut group = start_group(criterion, &Timed::Fit { epochs: FIT_EPOCHS[0] }.group(self.count));
        for epochs in FIT_EPOCHS {
            group.bench_function(BenchmarkId::new("frozen", epochs), |bencher| {
                bencher.iter(|| self.fit_frozen(black_box(FIT_BATCH_SIZE), epochs));
            });
            group.bench_function(BenchmarkId::new("cached", epochs), |bencher| {
                bencher.iter(|| self.fit_cached(black_box(FIT_BATCH_SIZE), epochs));
            });
        }
        group.finish();
    }
}

/// Starts a group whose summary has a logarithmic time axis, since its times lie far apart.
fn start_group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.plot_config(PlotConfiguration::default().summary_scale(AxisScale::Logarithmic));
    group
}
