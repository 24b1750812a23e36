//! Classification as a task.

use dfdx::prelude::*;
use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::fused_epoch::train_fused;
use super::random::{distortion_seeds, dropout_device, shuffled};
use super::statistics::measure;
use super::threads::{ThreadShare, Threads};
use super::{Recipe, Task, TrainingState};
use crate::data::{Augmentation, Dataset, Drawn, PIXELS};
use crate::fused::FusedClassifier;
use crate::metrics::{Evaluation, evaluate_on_threads};
use crate::nets::{BatchLoss, Classifier, Constant, Tally};
use crate::text::thousands;

/// Classification of instances of `D` features, with labels below `CLASSES`.
///
/// An epoch is every training row once, in a new order; [`augmented`](Self::augmented), each is distorted anew, and
/// [`of_copies`](Self::of_copies), each is one of its copies.
#[derive(Debug, Clone, Copy)]
pub struct Classification<'a, const D: usize, const CLASSES: usize> {
    train: &'a Dataset<D>,
    validation: &'a Dataset<D>,
    threads: Threads<'a>,
    copies: usize,
    augmentation: Augmentation,
}

impl<'a, const D: usize, const CLASSES: usize> Classification<'a, D, CLASSES> {
    /// Makes a task of training rows and validation rows.
    ///
    /// # Panics
    /// If a dataset is empty or has another number of classes.
    pub fn new(train: &'a Dataset<D>, validation: &'a Dataset<D>) -> Self {
        for data in [train, validation] {
            assert!(!data.is_empty(), "training and validation need rows");
            assert_eq!(data.classes(), CLASSES, "the classes of the data");
        }
        Self { train, validation, threads: Threads::Fixed(1), copies: 1, augmentation: Augmentation::OFF }
    }

    /// Shares the work of each step between two threads, and that of an evaluation among all of `threads`; the results are
    /// the same, to the last bit.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads: Threads::Fixed(threads), ..self }
    }

    /// Does the same with the threads that a fit has at the beginning of each epoch.
    #[must_use]
    pub fn sharing(self, threads: &'a ThreadShare<'a>) -> Self {
        Self { threads: Threads::Shared(threads), ..self }
    }

    /// Takes the training rows for so many copies of each instance, as
    /// [`Distorter::copies`](crate::data::Distorter::copies) orders them: an epoch is every instance once, a copy of it that
    /// is drawn at random.
    ///
    /// # Panics
    /// If the rows are not so many copies.
    #[must_use]
    pub fn of_copies(self, copies: usize) -> Self {
        assert!(self.train.len().is_multiple_of(copies), "{} rows in {copies} copies", self.train.len());
        Self { copies, ..self }
    }

    /// Returns the training rows, as they are without augmentation.
    pub fn training_rows(&self) -> &'a Dataset<D> {
        self.train
    }

    /// Draws the rows of an epoch, in their order.
    fn draw_rows(&self, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let instances = self.train.len() / self.copies;
        let mut rows = shuffled(instances, rng);
        if self.copies > 1 {
            rows.iter_mut().for_each(|row| *row += instances * rng.gen_range(0..self.copies));
        }
        rows
    }
}

impl<const CLASSES: usize> Classification<'_, PIXELS, CLASSES> {
    /// Distorts each training image anew whenever it is drawn. Validation images stay as they are.
    ///
    /// # Panics
    /// If the training rows are not pixels.
    #[must_use]
    pub fn augmented(self, augmentation: Augmentation) -> Self {
        assert!(augmentation.is_off() || self.train.has_pixels(), "only images can be distorted");
        Self { augmentation, ..self }
    }
}

impl<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize> Task<M> for Classification<'_, D, CLASSES> {
    type Example = Drawn;

    fn draw_epoch(&self, _: usize, rng: &mut ChaCha8Rng) -> Vec<Drawn> {
        let mut seeds = distortion_seeds(rng);
        let drawn = |row| Drawn { row, seed: seeds.next_u64() };
        self.draw_rows(rng).into_iter().map(drawn).collect()
    }

    fn loss(
        &self,
        network: &mut M,
        drawn: &[Drawn],
        device: &Cpu,
        gradients: Gradients<f32, Cpu>,
    ) -> Result<BatchLoss, CpuError> {
        let (x, labels) = self.augmentation.batch(self.train, drawn, device);
        let logits = network.try_forward_mut(Constant(x.traced(gradients)))?;
        BatchLoss::multiclass(logits, &labels)
    }

    /// Takes fused steps, without a tape.
    fn train(&self, state: &mut TrainingState<M>, recipe: &Recipe) -> Result<Tally, CpuError> {
        let (layers, batch_size, averages) = (state.network.layers(), recipe.batch_size.get(), state.average.is_some());
        let dropout = dropout_device(&state.rng);
        let mut kept = std::mem::take(&mut state.kept);
        let tally = FusedClassifier::with(
            &mut kept,
            layers,
            self.train,
            batch_size,
            self.threads.count(),
            averages,
            |classifier| {
                if self.augmentation.is_off() {
                    let rows = self.draw_rows(&mut state.rng);
                    return train_fused(classifier, state.any(), recipe, &rows, &dropout);
                }
                let (drawn, distorter) =
                    (Task::<M>::draw_epoch(self, batch_size, &mut state.rng), self.augmentation.distorter());
                train_fused(&mut classifier.augmented(&distorter), state.any(), recipe, &drawn, &dropout)
            },
        );
        state.kept = kept;
        Ok(tally)
    }

    fn measure_statistics(&self, network: &mut M) {
        let layers = network.layers();
        measure(network, layers, self.train, self.augmentation);
    }

    fn evaluate(&self, network: &M) -> Result<Evaluation, CpuError> {
        Ok(evaluate_on_threads(network, self.validation, self.threads.count()))
    }

    fn sizes(&self) -> String {
        let [train, validation] = [self.train.len() / self.copies, self.validation.len()].map(thousands);
        let copies = if self.copies > 1 { format!(" in {} copies", self.copies) } else { String::new() };
        format!("{train} train{}{copies}, {validation} validation", self.augmentation.in_words())
    }

    fn sha256(&self) -> [u8; 32] {
        let digest = Sha256::new().chain_update(self.train.sha256()).chain_update(self.validation.sha256());
        self.augmentation.add_to(digest).finalize().into()
    }
}
