//! Activation functions and their derivatives, as the layers compute them.

use ch11_core::Result;
use ch11_core::data::{Dataset, Digits, PIXELS};
use ch11_core::metrics::{Probe, Spread};
use ch11_core::nets::{
    Activation, AnyNetwork, Batch, BatchNorm, Constant, GradientTape, Layer, Linear, Sequential, build, cross_entropy,
};
use ch11_core::train::{History, Observer, fit};
use dfdx::optim::{Optimizer, Sgd, SgdConfig};
use dfdx::prelude::*;

use crate::experiment::settings;

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

/// [`Deep`] with batch normalisation in each hidden layer.
pub type NormalisedDeep<A> = (
    (Linear<PIXELS, 50>, BatchNorm<50>, A),
    (Linear<50, 50>, BatchNorm<50>, A),
    (Linear<50, 50>, BatchNorm<50>, A),
    (Linear<50, 50>, BatchNorm<50>, A),
    (Linear<50, 50>, BatchNorm<50>, A),
    Linear<50, 10>,
);

/// Builds a deep network with this activation function in all hidden layers.
pub fn deep(activation: Activation, seed: u64) -> Deep<Activation> {
    let (h1, h2, h3, h4, h5, output) = build::<Deep<Activation>>(seed);
    let a = activation;
    ((h1.0, a), (h2.0, a), (h3.0, a), (h4.0, a), (h5.0, a), output)
}

/// Builds a deep network with batch normalisation and this activation function in all hidden layers.
pub fn normalised_deep(activation: Activation, seed: u64) -> NormalisedDeep<Activation> {
    let (h1, h2, h3, h4, h5, output) = build::<NormalisedDeep<Activation>>(seed);
    let a = activation;
    ((h1.0, h1.1, a), (h2.0, h2.1, a), (h3.0, h3.1, a), (h4.0, h4.1, a), (h5.0, h5.1, a), output)
}

/// Gives the hidden layers' weights the variance `2 gain^2 / (inputs + outputs)`: with a gain of 1, the one that
/// [Glorot and Bengio (2010)](https://proceedings.mlr.press/v9/glorot10a.html) derive for functions of slope 1 at 0. A function of
/// another slope there needs a gain of one over that slope.
pub fn glorot<A>(mut network: Deep<A>, gain: f32) -> Deep<A> {
    rescale(&mut network.0.0, gain);
    rescale(&mut network.1.0, gain);
    rescale(&mut network.2.0, gain);
    rescale(&mut network.3.0, gain);
    rescale(&mut network.4.0, gain);
    network
}

/// Takes a layer from He's scale to Glorot's.
fn rescale<const I: usize, const O: usize>(layer: &mut Linear<I, O>, gain: f32) {
    layer.weight = layer.weight.clone() * (gain * (I as f32 / (I + O) as f32).sqrt());
}

/// Returns how large the gradient of the second hidden layer's weights is, as a fraction of that of the fifth layer's: how much is left
/// of it three layers further down.
///
/// # Errors
/// If there is not enough memory.
pub fn gradient_left<A>(network: &Deep<A>, train: &Dataset<PIXELS>) -> Result<f64>
where
    Deep<A>:
        Clone + ModuleMut<Constant<Batch<PIXELS, GradientTape>>, Output = Batch<10, GradientTape>, Error = CpuError>,
{
    let rows: Vec<usize> = (0..BATCH.min(train.len())).collect();
    let (x, labels) = train.batch(&rows, &Cpu::default());
    let logits = network.clone().try_forward_mut(Constant(x.leaky_traced()))?;
    let gradients = cross_entropy(logits, &labels)?.try_backward()?;
    let [second, fifth] =
        [&network.1.0.weight, &network.4.0.weight].map(|weight| norm(&gradients.get(weight).as_vec()));
    Ok(f64::from(second / fifth))
}

/// Returns how far the gradients spread in each of five hidden layers, from the first to the fifth, before training and after each of
/// `epochs` of 40 steps of Adam.
///
/// # Errors
/// If there is not enough memory.
pub fn gradient_spreads(activation: Activation, seed: u64, digits: &Digits, epochs: usize) -> Result<[Vec<f64>; 5]> {
    let network = deep(activation, seed);
    let mut watch = Watch { probe: Probe::new(&digits.train, BATCH), layers: network.layers(), seen: Vec::new() };
    fit(network, &digits.train, &digits.validation, &settings(epochs), None, &mut watch)?;
    let in_layer = |layer: usize| watch.seen.iter().map(|it| it[layer].gradients.standard_deviation()).collect();
    Ok(std::array::from_fn(in_layer))
}

/// Measures the spreads of a network while it learns.
struct Watch {
    probe: Probe,
    layers: Vec<Layer>,
    seen: Vec<Vec<Spread>>,
}

impl Observer for Watch {
    fn epoch_ended(&mut self, _: &History) {}

    fn looks_at(&mut self, _: usize, network: &dyn AnyNetwork) {
        self.seen.extend(self.probe.spreads(&self.layers, network));
    }
}

/// Trains a network by dfdx's own gradient descent for five epochs in batches of 50, and returns the mean loss of the fifth.
///
/// # Errors
/// If there is not enough memory.
pub fn fifth_epoch<A>(mut network: Deep<A>, train: &Dataset<PIXELS>, rate: f64) -> Result<f64>
where
    Deep<A>: TensorCollection<f32, Cpu>
        + ModuleMut<Constant<Batch<PIXELS, GradientTape>>, Output = Batch<10, GradientTape>, Error = CpuError>,
{
    let mut optimizer = Sgd::new(&network, SgdConfig { lr: rate, ..SgdConfig::default() });
    let rows: Vec<usize> = (0..train.len()).collect();
    let mut losses = Vec::new();
    for _ in 0..5 {
        losses.clear();
        for batch in rows.chunks(50) {
            let (x, labels) = train.batch(batch, &Cpu::default());
            let loss = cross_entropy(network.try_forward_mut(Constant(x.leaky_traced()))?, &labels)?;
            losses.push(f64::from(loss.array()));
            let updated = optimizer.update(&mut network, &loss.try_backward()?);
            debug_assert!(updated.is_ok(), "every weight has a gradient");
        }
    }
    Ok(losses.iter().sum::<f64>() / losses.len() as f64)
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}
