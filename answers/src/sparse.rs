//! Three ways to weights that are exactly 0.

use ch11_core::nets::{Parameters, export_tensors, import_tensors};

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

/// Returns the fraction of a network's weights that are exactly 0; biases are not counted.
pub fn sparsity<M: Parameters>(network: &M) -> f64 {
    let weights = weights(network);
    weights.iter().filter(|&&weight| weight == 0.0).count() as f64 / weights.len() as f64
}

/// Returns a copy of a network with the given fraction of its weights set to 0, those nearest to it over all layers; biases stay.
pub fn prune<M: Parameters>(network: &M, fraction: f64) -> M {
    let mut magnitudes: Vec<f32> = weights(network).into_iter().map(f32::abs).collect();
    magnitudes.sort_unstable_by(f32::total_cmp);
    let kept_from = magnitudes.get((fraction * magnitudes.len() as f64) as usize).copied().unwrap_or(f32::INFINITY);

    let mut tensors = export_tensors(network);
    let weights = tensors.iter_mut().filter(|tensor| tensor.shape.len() > 1).flat_map(|tensor| &mut tensor.values);
    weights.filter(|weight| weight.abs() < kept_from).for_each(|weight| *weight = 0.0);

    let mut pruned = network.clone();
    let imported = import_tensors(&mut pruned, &tensors);
    debug_assert!(imported.is_ok(), "the tensors are the network's own");
    pruned
}

/// Copies out all weights, which are matrices, and no biases, which are vectors.
fn weights<M: Parameters>(network: &M) -> Vec<f32> {
    let matrices = export_tensors(network).into_iter().filter(|tensor| tensor.shape.len() > 1);
    matrices.flat_map(|tensor| tensor.values).collect()
}

/// The term beta of the paper's step size, `alpha / (beta + sqrt(sum of squared gradients))`: the value that it recommends.
const BETA: f32 = 1.0;

/// FTRL-Proximal: follow the regularised leader, with an L1 penalty, in algorithm 1 of
/// [Ad Click Prediction: a View from the Trenches](https://research.google.com/pubs/archive/41159.pdf) (McMahan and others, 2013).
///
/// The paper trains one layer, and starts at 0. Hidden layers must not start so; here the regularisation pulls towards the
/// initial weights at first, and the L1 penalty towards 0.
#[derive(Debug, Clone)]
pub struct Ftrl {
    alpha: f32,
    l1: f32,
    /// What a weight is the negative of, before the L1 penalty and the step size: z of the paper.
    pull: Vec<f32>,
    /// The sum of squared gradients: n of the paper.
    squares: Vec<f32>,
}

impl Ftrl {
    /// Makes an optimizer for a network, with the step size's `alpha` and the penalty `l1` on the sum of absolute weights.
    pub fn new<M: Parameters>(network: &M, alpha: f32, l1: f32) -> Self {
        let trainable = export_tensors(network).into_iter().filter(|tensor| tensor.trainable);
        let pull: Vec<f32> =
            trainable.flat_map(|tensor| tensor.values).map(|initial| -initial * BETA / alpha).collect();
        Self { alpha, l1, squares: vec![0.0; pull.len()], pull }
    }

    /// Returns what the weight at `position` becomes: a rule for [`descend`](crate::experiment::descend).
    ///
    /// # Panics
    /// If there is no such position.
    pub fn step(&mut self, position: usize, weight: f32, gradient: f32) -> f32 {
        let (pull, squares) = (&mut self.pull[position], &mut self.squares[position]);
        let sum = *squares + gradient * gradient;
        let sigma = (sum.sqrt() - squares.sqrt()) / self.alpha;
        *pull += gradient - sigma * weight;
        *squares = sum;
        -soft_threshold(*pull, self.l1) * self.alpha / (BETA + sum.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use ch11_core::nets::{Linear, build};

    use super::*;

    #[test]
    fn prunes_the_smallest_weights_and_no_bias() {
        let network: (Linear<10, 10>,) = build(1);
        let pruned = prune(&network, 0.37);
        assert_eq!(sparsity(&pruned), 0.37);
        let kept = |weight: &&f32| **weight != 0.0;
        let [all, left] = [&network, &pruned].map(weights);
        let smallest_kept = left.iter().filter(kept).map(|w| w.abs()).fold(f32::INFINITY, f32::min);
        assert_eq!(all.iter().filter(|weight| weight.abs() < smallest_kept).count(), 37);
        assert_eq!(sparsity(&prune(&network, 0.0)), 0.0);
        assert_eq!(sparsity(&prune(&network, 1.0)), 1.0);
    }

    /// Without a penalty, the update is gradient descent from the initial weights, with the paper's step size (its section 3).
    #[test]
    fn ftrl_without_a_penalty_is_gradient_descent() {
        let network: (Linear<1, 1>,) = build(1);
        let (alpha, initial) = (0.3, weights(&network)[0]);
        let mut ftrl = Ftrl::new(&network, alpha, 0.0);
        let (mut weight, mut expected, mut squares) = (initial, initial, 0.0_f32);
        for gradient in [0.5, -1.5, 0.25, 2.0_f32] {
            weight = ftrl.step(0, weight, gradient);
            squares += gradient * gradient;
            expected -= alpha / (BETA + squares.sqrt()) * gradient;
            assert!((weight - expected).abs() < 1e-5, "{weight}, not {expected}");
        }
    }
}
