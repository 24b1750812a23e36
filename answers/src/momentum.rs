//! Momentum, and a bowl to watch it on.

/// Gradient descent with momentum as [Polyak](https://doi.org/10.1016/0041-5553(64)90137-5) has it, in the form of TensorFlow and
/// dfdx: `v = beta v + gradient`, then `weight - rate v`.
#[derive(Debug, Clone)]
pub struct Momentum {
    rate: f32,
    beta: f32,
    velocity: Vec<f32>,
}

impl Momentum {
    /// Makes an optimizer that holds `parameters` weights at rest.
    pub fn new(parameters: usize, rate: f32, beta: f32) -> Self {
        Self { rate, beta, velocity: vec![0.0; parameters] }
    }

    /// Returns what the weight at `position` becomes: a rule for [`descend`](crate::experiment::descend).
    ///
    /// # Panics
    /// If there is no such position.
    pub fn step(&mut self, position: usize, weight: f32, gradient: f32) -> f32 {
        let velocity = &mut self.velocity[position];
        *velocity = self.beta * *velocity + gradient;
        weight - self.rate * *velocity
    }
}

/// How steep the bowl is along and across: its curvatures.
pub const CURVATURES: [f32; 2] = [1.0, 3.0];
/// Where a path begins, at rest.
const START: [f32; 2] = [-1.0, 0.6];

/// Follows momentum over the bowl `(x^2 + 3 y^2) / 2` from (-1, 0.6), and returns all `steps + 1` points.
///
/// # Example
/// ```
/// let path = answers::momentum::path_over_bowl(0.05, 0.0, 1);
/// assert_eq!(path[0], [-1.0, 0.6]);
/// assert_eq!(path[1], [-1.0 + 0.05 * 1.0, 0.6 - 0.05 * 3.0 * 0.6]);
/// ```
pub fn path_over_bowl(rate: f32, beta: f32, steps: usize) -> Vec<[f32; 2]> {
    let mut momentum = Momentum::new(2, rate, beta);
    let next =
        |point: &[f32; 2]| Some([0, 1].map(|axis| momentum.step(axis, point[axis], CURVATURES[axis] * point[axis])));
    std::iter::successors(Some(START), next).take(steps + 1).collect()
}

/// Returns the height of the bowl at a point.
pub fn height([x, y]: [f32; 2]) -> f32 {
    (CURVATURES[0] * x * x + CURVATURES[1] * y * y) / 2.0
}

/// Returns by what factor each step shrinks the distance to the minimum of a quadratic, in the long run and in the direction
/// where it shrinks least: the largest absolute root of `r^2 - (1 + beta - rate curvature) r + beta`.
pub fn shrinkage(rate: f64, beta: f64, curvatures: [f64; 2]) -> f64 {
    let largest_root = |curvature: f64| {
        let half = (1.0 + beta - rate * curvature) / 2.0;
        let discriminant = half * half - beta;
        if discriminant < 0.0 { beta.sqrt() } else { half.abs() + discriminant.sqrt() }
    };
    curvatures.map(largest_root).into_iter().fold(0.0, f64::max)
}
