//! Activation functions and their derivatives, as the layers compute them.

use ch11_core::Result;
use ch11_core::data::{Dataset, PIXELS};
use ch11_core::nets::{Batch, Constant, GradientTape, Linear, build, cross_entropy};
use dfdx::prelude::*;

/// Images in the batch whose gradient is taken.
const BATCH: usize = 200;

/// Returns a layer's output and its derivative at each `z`.
///
/// # Errors
/// If there is not enough memory.
///
/// # Example
/// ```
/// use answers::activations::values_and_slopes;
/// use ch11_core::nets::Activation;
///
/// let leaky = Activation::LeakyRelu { slope: 0.1 };
/// assert_eq!(values_and_slopes(&leaky, &[-2.0, 3.0])?, (vec![-0.2, 3.0], vec![0.1, 1.0]));
/// # Ok::<(), ch11_core::Error>(())
/// ```
pub fn values_and_slopes<A>(activation: &A, zs: &[f32]) -> Result<(Vec<f32>, Vec<f32>)>
where
    A: Module<Batch<1, GradientTape>, Output = Batch<1, GradientTape>, Error = CpuError>,
{
    let z: Batch<1> = Cpu::default().try_tensor_from_vec(zs.to_vec(), (zs.len(), Const))?;
    let y = activation.try_forward(z.leaky_trace())?;
    let values = y.as_vec();
    let gradients = y.try_sum::<Rank0, _>()?.try_backward()?;
    Ok((values, gradients.get(&z).as_vec()))
}

/// Five hidden layers of 50 neurons with one activation function, and ten logits: `(n, 784) -> (n, 10)`.
pub type Deep<A> = (
    (Linear<PIXELS, 50>, A),
    (Linear<50, 50>, A),
    (Linear<50, 50>, A),
    (Linear<50, 50>, A),
    (Linear<50, 50>, A),
    Linear<50, 10>,
);

/// Returns how large the gradient of the second hidden layer's weights is, as a fraction of that of the fifth layer's: how much is left
/// of it three layers further down, in a new network.
///
/// # Errors
/// If there is not enough memory.
pub fn gradient_left<A>(train: &Dataset<PIXELS>, seed: u64) -> Result<f32>
where
    Deep<A>: BuildModule<Cpu, f32>
        + ModuleMut<Constant<Batch<PIXELS, GradientTape>>, Output = Batch<10, GradientTape>, Error = CpuError>,
{
    let mut network: Deep<A> = build(seed);
    let rows: Vec<usize> = (0..BATCH.min(train.len())).collect();
    let (x, labels) = train.batch(&rows, &Cpu::default());
    let logits = network.try_forward_mut(Constant(x.leaky_traced()))?;
    let gradients = cross_entropy(logits, &labels)?.try_backward()?;
    let [second, fifth] =
        [&network.1.0.weight, &network.4.0.weight].map(|weight| norm(&gradients.get(weight).as_vec()));
    Ok(second / fifth)
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}
