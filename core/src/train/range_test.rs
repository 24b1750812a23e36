//! The learning-rate range test.

use dfdx::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::random::dropout_device;
use super::{Settings, Task, TrainingState};
use crate::nets::{BatchLoss, Parameters};

/// How much of the smoothed loss a batch keeps.
const SMOOTHING: f64 = 0.98;
/// A test ends at this multiple of the lowest smoothed loss: training has come apart.
const TOO_HIGH: f64 = 4.0;
/// What [`RangeTest::suggested`] divides by.
const MARGIN: f32 = 10.0;

/// What becomes of the loss while the learning rate grows from batch to batch over one epoch.
///
/// From [Cyclical Learning Rates for Training Neural Networks](https://arxiv.org/abs/1506.01186), section 3.3.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeTest {
    /// The learning rate of each step.
    pub rates: Vec<f32>,
    /// The mean loss of each batch, in nats, just before its step.
    pub losses: Vec<f64>,
    /// An exponential moving average of the losses, corrected for its start from 0.
    pub smoothed: Vec<f64>,
}

impl RangeTest {
    /// Returns the rate at which the smoothed loss is lowest, and a tenth of it, which is far enough below the rates at which
    /// training comes apart. The rule is fastai's ([Howard and Gugger, 2020](https://arxiv.org/abs/2002.04688)). `None` if no
    /// loss is finite.
    pub fn suggested(&self) -> Option<(f32, f32)> {
        let finite = self.smoothed.iter().zip(&self.rates).filter(|(loss, _)| loss.is_finite());
        let (_, &rate) = finite.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
        Some((rate, rate / MARGIN))
    }

    fn push(&mut self, rate: f32, loss: f64) {
        let kept = self.smoothed.last().map_or(0.0, |last| last * (1.0 - SMOOTHING.powi(self.losses.len() as i32)));
        self.rates.push(rate);
        self.losses.push(loss);
        let mean = SMOOTHING * kept + (1.0 - SMOOTHING) * loss;
        self.smoothed.push(mean / (1.0 - SMOOTHING.powi(self.losses.len() as i32)));
    }

    /// Tells whether the loss has left its lowest value so far behind, or is no number.
    fn came_apart(&self) -> bool {
        let lowest = self.smoothed.iter().copied().fold(f64::INFINITY, f64::min);
        !self.losses.last().is_some_and(|loss| loss.is_finite())
            || self.smoothed.last().is_some_and(|last| *last > TOO_HIGH * lowest)
    }
}

/// Trains a network for one epoch on dfdx's tape, each step at a rate that is higher than the last one's by the same factor,
/// from `lowest` to `highest`; ends early when the loss is 4 times its lowest value, or as soon as `wants_to_stop`, which is
/// asked in each step.
pub fn range_test<M: Parameters, T: Task<M>>(
    network: M,
    task: &T,
    settings: &Settings,
    [lowest, highest]: [f32; 2],
    wants_to_stop: impl Fn() -> bool,
) -> Result<RangeTest, CpuError> {
    let batch_size = settings.recipe.batch_size.get();
    let TrainingState { mut network, mut optimizer, mut rng, .. } = TrainingState::new(network, settings);
    let (device, examples): (Cpu, Vec<T::Example>) = draw(task, batch_size, &mut rng);
    let steps = examples.len().div_ceil(batch_size);
    let mut gradients = network.try_alloc_grads()?;
    let mut test = RangeTest { rates: Vec::new(), losses: Vec::new(), smoothed: Vec::new() };
    for (step, batch) in examples.chunks(batch_size).enumerate() {
        let rate = lowest * (highest / lowest).powf(step as f32 / (steps - 1).max(1) as f32);
        let BatchLoss { loss, .. } = task.loss(&mut network, batch, &device, gradients)?;
        test.push(rate, loss.array().into());
        if test.came_apart() || wants_to_stop() {
            break;
        }
        gradients = loss.try_backward()?;
        optimizer.set_learning_rate(rate);
        optimizer.update(&mut network, &mut gradients)?;
        network.try_zero_grads(&mut gradients)?;
    }
    Ok(test)
}

fn draw<M, T: Task<M>>(task: &T, batch_size: usize, rng: &mut ChaCha8Rng) -> (Cpu, Vec<T::Example>) {
    (dropout_device(rng), task.draw_epoch(batch_size, rng))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::data::synthetic::{DrawnDigits, Size};
    use crate::nets::{Linear, build};
    use crate::train::{Classification, Recipe};

    fn of(losses: &[f64]) -> RangeTest {
        let mut test = RangeTest { rates: Vec::new(), losses: Vec::new(), smoothed: Vec::new() };
        for (number, loss) in (1_u8..).zip(losses) {
            test.push(f32::from(number), *loss);
        }
        test
    }

    #[test]
    fn the_smoothed_loss_is_the_weighted_mean_of_the_losses_so_far() {
        let test = of(&[3.0, 1.0, 2.0]);
        let weights = [SMOOTHING * SMOOTHING, SMOOTHING, 1.0];
        let sum: f64 = weights.iter().zip([3.0, 1.0, 2.0]).map(|(weight, loss)| weight * loss).sum();
        assert!((test.smoothed[2] - sum / weights.iter().sum::<f64>()).abs() < 1e-12, "{test:?}");
        assert_eq!(test.smoothed[0], 3.0);
    }

    #[test]
    fn a_tenth_of_the_rate_of_the_lowest_loss_is_suggested() {
        let test = of(&[3.0, 2.0, 1.0, 1.0, 9.0]);
        assert_eq!(test.suggested(), Some((4.0, 0.4)));
        assert_eq!(of(&[f64::NAN]).suggested(), None);
    }

    #[test]
    fn a_loss_that_rises_far_or_is_no_number_has_come_apart() {
        assert!(!of(&[1.0, 1.0]).came_apart());
        assert!(of(&[1.0, 1.0, 20.0]).came_apart());
        assert!(of(&[1.0, f64::INFINITY]).came_apart());
    }

    #[test]
    fn a_test_that_is_to_stop_ends_in_that_step() {
        let digits = DrawnDigits { size: Size { training: 240, test: 10 }, seed: 1 }.draw();
        let task = Classification::<784, 10>::new(&digits.train, &digits.validation);
        let steps = Cell::new(0);
        let third_step = || steps.replace(steps.get() + 1) == 2;
        let network = build::<Linear<784, 10>>(1);
        let test = range_test(network, &task, &Recipe::DEEP_NET.seeded(1), [1e-6, 1e-3], third_step).unwrap();
        assert_eq!((test.rates.len(), test.losses.len()), (3, 3));
    }
}
