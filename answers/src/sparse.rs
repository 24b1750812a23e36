//! Three ways to weights that are exactly 0.

use ch11_core::Result;
use ch11_core::data::{Dataset, PIXELS};
use ch11_core::nets::{Parameters, export_tensors, import_tensors};
use dfdx::prelude::*;

use crate::experiment::{Network, descend};

/// Moves a weight towards 0 by `threshold`, but not past it: the proximal step of an L1 penalty.
///
/// # Example
/// ```
/// use answers::sparse::soft_threshold;
///
/// assert_eq!([-3.0, -0.5, 0.5, 3.0].map(|weight| soft_threshold(weight, 1.0)), [-2.0, 0.0, 0.0, 2.0]);
/// ```
pub fn soft_threshold(weight: f32, threshold: f32) -> f32 {
    weight.signum() * (weight.abs() - threshold).max(0.0)
}

/// Returns, for each parameter of a network, whether it counts for its sparsity: whether it is a weight, not a bias, and not one of a
/// pixel that is 0 in all these images. Such a weight gets no gradient and does nothing, whether it is 0 or not.
pub fn counts<M: Parameters>(network: &M, images: &Dataset<PIXELS>) -> Vec<bool> {
    let mut lit = [false; PIXELS];
    for row in 0..images.len() {
        let (pixels, _) = images.batch(&[row], &Cpu::default());
        lit.iter_mut().zip(pixels.as_vec()).for_each(|(lit, pixel)| *lit |= pixel != 0.0);
    }
    let mut counts = Vec::new();
    for tensor in export_tensors(network) {
        let (is_weight, sees_pixels) = (tensor.shape.len() > 1, tensor.shape.last() == Some(&PIXELS));
        counts.extend((0..tensor.values.len()).map(|at| is_weight && (!sees_pixels || lit[at % PIXELS])));
    }
    counts
}

/// Returns, for each parameter, whether it counts and is exactly 0.
pub fn asleep<M: Parameters>(network: &M, counts: &[bool]) -> Vec<bool> {
    parameters(network).into_iter().zip(counts).map(|(value, &counts)| counts && value == 0.0).collect()
}

/// Returns what fraction of the weights that count `chosen` says yes to, for instance those that are [`asleep`].
pub fn fraction(chosen: impl IntoIterator<Item = bool>, counts: &[bool]) -> f64 {
    let yes = |chosen: &bool| *chosen;
    chosen.into_iter().filter(yes).count() as f64 / counts.iter().copied().filter(yes).count() as f64
}

/// Returns a copy of a network with the given fraction of the weights that count set to 0, those nearest to it over all layers.
pub fn prune<M: Parameters>(network: &M, fraction: f64, counts: &[bool]) -> M {
    let weights = parameters(network).into_iter().zip(counts).filter(|(_, counts)| **counts);
    let mut magnitudes: Vec<f32> = weights.map(|(weight, _)| weight.abs()).collect();
    magnitudes.sort_unstable_by(f32::total_cmp);
    let kept_from = magnitudes.get((fraction * magnitudes.len() as f64) as usize).copied().unwrap_or(f32::INFINITY);

    let mut tensors = export_tensors(network);
    let values = tensors.iter_mut().flat_map(|tensor| &mut tensor.values);
    values
        .zip(counts)
        .filter(|(value, counts)| **counts && value.abs() < kept_from)
        .for_each(|(value, _)| *value = 0.0);

    let mut pruned = network.clone();
    let imported = import_tensors(&mut pruned, &tensors);
    debug_assert!(imported.is_ok(), "the tensors are the network's own");
    pruned
}

/// Trains what is left of a network by `steps` steps of gradient descent: a weight that is 0 stays 0.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn refit(network: &Network, train: &Dataset<PIXELS>, rate: f32, steps: usize) -> Result<Network> {
    let mut refitted = network.clone();
    let rule = |_, weight, gradient| if weight == 0.0 { 0.0 } else { weight - rate * gradient };
    descend(&mut refitted, train, steps, rule)?;
    Ok(refitted)
}

fn parameters<M: Parameters>(network: &M) -> Vec<f32> {
    export_tensors(network).into_iter().flat_map(|tensor| tensor.values).collect()
}

/// The term beta of the paper's step size, `alpha / (beta + sqrt(sum of squared gradients))`: the value that it recommends.
const BETA: f32 = 1.0;

/// FTRL-Proximal: follow the regularised leader, with an L1 penalty that is added once a step, as in
/// [its first paper](https://proceedings.mlr.press/v15/mcmahan11b.html) (McMahan, 2011), and a step size for each weight, as in
/// algorithm 1 of [Ad Click Prediction](https://research.google.com/pubs/archive/41159.pdf) (McMahan and others, 2013).
///
/// The papers train one layer, and start at 0. Hidden layers must not start so; here the regularisation pulls towards the
/// initial weights at first, and the L1 penalty towards 0.
#[derive(Debug, Clone)]
pub struct Ftrl {
    alpha: f32,
    /// What each step adds to a weight's penalty.
    l1: Vec<f32>,
    /// The penalty so far.
    penalty: Vec<f32>,
    /// What a weight is the negative of, before the penalty and the step size: z of the paper.
    pull: Vec<f32>,
    /// The sum of squared gradients: n of the paper.
    squares: Vec<f32>,
}

impl Ftrl {
    /// Makes an optimizer for a network, with the step size's `alpha` and the penalty `l1` a step on the weights that count.
    pub fn new<M: Parameters>(network: &M, alpha: f32, l1: f32, counts: &[bool]) -> Self {
        let pull: Vec<f32> = parameters(network).into_iter().map(|initial| -initial * BETA / alpha).collect();
        let l1 = counts.iter().map(|&counts| if counts { l1 } else { 0.0 }).collect();
        let zeros = vec![0.0; pull.len()];
        Self { alpha, l1, penalty: zeros.clone(), squares: zeros, pull }
    }

    /// Returns what the weight at `position` becomes: a rule for [`descend`].
    ///
    /// # Panics
    /// If there is no such position.
    pub fn step(&mut self, position: usize, weight: f32, gradient: f32) -> f32 {
        let (pull, squares) = (&mut self.pull[position], &mut self.squares[position]);
        let sum = *squares + gradient * gradient;
        let sigma = (sum.sqrt() - squares.sqrt()) / self.alpha;
        *pull += gradient - sigma * weight;
        *squares = sum;
        self.penalty[position] += self.l1[position];
        -soft_threshold(*pull, self.penalty[position]) * self.alpha / (BETA + sum.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use ch11_core::nets::{Linear, build};

    use super::*;

    #[test]
    fn prunes_the_smallest_weights_that_count() {
        let network: (Linear<10, 10>,) = build(1);
        let counts: Vec<bool> = (0..110).map(|at| at < 100).collect();
        let pruned = prune(&network, 0.37, &counts);
        assert_eq!(fraction(asleep(&pruned, &counts), &counts), 0.37);
        let [all, left] = [&network, &pruned].map(|network| parameters(network)[..100].to_vec());
        let kept = left.iter().filter(|weight| **weight != 0.0);
        let smallest_kept = kept.map(|weight| weight.abs()).fold(f32::INFINITY, f32::min);
        assert_eq!(all.iter().filter(|weight| weight.abs() < smallest_kept).count(), 37);
        let pruned_to = |part| fraction(asleep(&prune(&network, part, &counts), &counts), &counts);
        assert_eq!([pruned_to(0.0), pruned_to(1.0)], [0.0, 1.0]);
    }

    /// Without a penalty, the update is gradient descent from the initial weights, with the paper's step size (its section 3).
    #[test]
    fn ftrl_without_a_penalty_is_gradient_descent() {
        let network: (Linear<1, 1>,) = build(1);
        let (alpha, initial) = (0.3, parameters(&network)[0]);
        let mut ftrl = Ftrl::new(&network, alpha, 0.0, &[true, false]);
        let (mut weight, mut expected, mut squares) = (initial, initial, 0.0_f32);
        for gradient in [0.5, -1.5, 0.25, 2.0_f32] {
            weight = ftrl.step(0, weight, gradient);
            squares += gradient * gradient;
            expected -= alpha / (BETA + squares.sqrt()) * gradient;
            assert!((weight - expected).abs() < 1e-5, "{weight}, not {expected}");
        }
    }

    /// Under a gradient of 0 the objective is `(w - initial)^2 / (2 alpha) + steps l1 |w|`, beta being 1.
    #[test]
    fn ftrl_adds_its_penalty_once_a_step() {
        let network: (Linear<1, 1>,) = build(1);
        let (alpha, l1, initial) = (0.3, 0.1, parameters(&network)[0]);
        let mut ftrl = Ftrl::new(&network, alpha, l1, &[true, false]);
        for steps in [1.0, 2.0, 3.0_f32] {
            let expected = soft_threshold(initial, steps * l1 * alpha);
            assert!((ftrl.step(0, initial, 0.0) - expected).abs() < 1e-6);
        }
        assert!((ftrl.step(1, 0.5, 0.0)).abs() < 1e-6, "a bias starts at 0 and has no penalty");
    }
}
