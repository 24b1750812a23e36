//! How long exercise 8b's network takes for an epoch, and to classify the test digits.
//!
//! - `training_epoch`: the training on all digits 0 to 4, 28,038 in MNIST: forward, backward, Adam, and taking the batches
//!   out of the images. Not timed: loading, validation, and a copy of the state to start from. `tape` takes each step on dfdx's
//!   tape; `dense` takes fused steps, given the pixels as floats; `sparse` leaves the zeros out; `threads` does so on all cores; `augmented` draws each
//!   image with an affine map and an elastic displacement before.
//! - `other_layers`: the same epoch, fused on one thread, of the network with batch normalisation and of that with dropout.
//! - `inference`: a network for ten digits on the 10,000 test images, with its loss and confusion matrix, on one thread.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use benches::{digits, print_dataset, settings, time_epoch};
use ch11_core::data::{Augmentation, Dataset, Digits, Drawn, PIXELS};
use ch11_core::metrics::{Evaluation, evaluate};
use ch11_core::nets::{BatchLoss, Classifier, DeepNet, DropoutDeepNet, NormalisedDeepNet, Tally, build};
use ch11_core::train::{Classification, Recipe, Task, TrainingState, train_on_tape};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use dfdx::prelude::{Cpu, CpuError, Gradients};
use rand_chacha::ChaCha8Rng;

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

type Digits0To4<'a> = Classification<'a, PIXELS, 5>;

fn training_epoch(criterion: &mut Criterion, digits: &Digits) {
    let train = digits.train.clone().only(0..=4);
    // Not timed, so a few are enough.
    let validation = digits.validation.clone().only(0..=4).first_of_each(1);
    let [floats, few_floats] = [&train, &validation].map(as_floats);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let sparse = Digits0To4::new(&train, &validation);
    let dense = Digits0To4::new(&floats, &few_floats);

    let mut group = criterion.benchmark_group("training_epoch");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(train.len() as u64));
    for batch_size in BATCH_SIZES {
        let settings = settings(batch_size, 1);
        let state = TrainingState::new(build::<DeepNet<5>>(42), &settings);
        group.bench_function(BenchmarkId::new("tape", batch_size), |bencher| {
            time_epoch(bencher, (&OnTape(sparse), &settings), &state);
        });
        let together = sparse.on_threads(cores);
        let augmented = together.augmented(Augmentation::ELASTIC);
        let tasks = [("dense", dense), ("sparse", sparse), ("threads", together), ("augmented", augmented)];
        for (name, task) in tasks {
            group.bench_function(BenchmarkId::new(name, batch_size), |bencher| {
                time_epoch(bencher, (&task, &settings), &state);
            });
        }
    }
    group.finish();
    other_layers(criterion, &sparse);
}

fn other_layers(criterion: &mut Criterion, task: &Digits0To4<'_>) {
    let mut group = criterion.benchmark_group("other_layers");
    group.sampling_mode(SamplingMode::Flat);
    for batch_size in BATCH_SIZES {
        let settings = settings(batch_size, 1);
        let normalised = TrainingState::new(build::<NormalisedDeepNet<5>>(42), &settings);
        group.bench_function(BenchmarkId::new("batch_norm", batch_size), |bencher| {
            time_epoch(bencher, (task, &settings), &normalised);
        });
        let dropout = TrainingState::new(build::<DropoutDeepNet<5>>(42), &settings);
        group.bench_function(BenchmarkId::new("dropout", batch_size), |bencher| {
            time_epoch(bencher, (task, &settings), &dropout);
        });
    }
    group.finish();
}

/// The same rows as floats, whose zeros nobody looks for.
fn as_floats<const D: usize>(data: &Dataset<D>) -> Dataset<D> {
    let mut features = Vec::new();
    data.gather(&(0..data.len()).collect::<Vec<_>>(), &mut features);
    Dataset::from_features(features, data.labels().to_vec(), data.classes())
}

/// A classification that takes its steps on dfdx's tape.
struct OnTape<'a>(Digits0To4<'a>);

impl<M: Classifier<PIXELS, 5>> Task<M> for OnTape<'_> {
    type Example = Drawn;

    fn draw_epoch(&self, batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<Drawn> {
        Task::<M>::draw_epoch(&self.0, batch_size, rng)
    }

    fn loss(
        &self,
        network: &mut M,
        batch: &[Drawn],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError> {
        self.0.loss(network, batch, device, gradients)
    }

    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError> {
        train_on_tape(self, state, recipe)
    }

    fn measure_statistics(&self, network: &mut M) {
        self.0.measure_statistics(network);
    }

    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError> {
        self.0.evaluate(network)
    }

    fn sizes(&self) -> String {
        Task::<M>::sizes(&self.0)
    }

    fn sha256(&self) -> [u8; 32] {
        Task::<M>::sha256(&self.0)
    }
}

fn inference(criterion: &mut Criterion, digits: &Digits) {
    let network: DeepNet<10> = build(42);
    let mut group = criterion.benchmark_group("inference");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(digits.test.len() as u64));
    group.bench_function("test digits", |bencher| {
        bencher.iter(|| evaluate(black_box(&network), black_box(&digits.test)));
    });
    group.finish();
}
