//! How far activations and gradients spread, layer by layer: whether a network's gradients vanish or explode.

use std::collections::BTreeMap;

use ch11_kernels::{Left, Onto, Rows, add_linear, add_product};
use dfdx::prelude::*;

use super::Histogram;
use crate::data::Dataset;
use crate::nets::{AnyNetwork, BATCH_NORM_EPSILON, GradientTape, Layer, NamedTensor, export_tensors};

/// How the signals of a layer are spread over a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The layer, as its tensors name it: `hidden1`, `output`.
    pub layer: String,
    /// What its neurons give, after the activation function.
    pub activations: Histogram,
    /// The gradient of each instance's loss with respect to the neurons' weighted sums, before the activation function.
    ///
    /// This is what is multiplied layer by layer on the way back, as in [Glorot and Bengio
    /// (2010)](https://proceedings.mlr.press/v9/glorot10a.html), figure 7.
    pub gradients: Histogram,
}

/// The spreads after each epoch; 0 is before the first.
pub type SpreadsByEpoch = BTreeMap<usize, Vec<Spread>>;

/// A batch that stays the same, to watch a classifier by while it learns.
///
/// It shares nothing with training: no random number, no gradient and no statistics, so that it changes no bit of it.
///
/// # Example
/// ```
/// use ch11_core::data::synthetic::{DrawnDigits, Size};
/// use ch11_core::metrics::Probe;
/// use ch11_core::nets::{Hidden, Linear, Sequential, build};
///
/// let digits = DrawnDigits { size: Size { training: 240, test: 10 }, seed: 1 }.draw();
/// let network: (Hidden<784, 50>, Linear<50, 10>) = build(42);
/// let spreads = Probe::new(&digits.train, 200).spreads(&network.layers(), &network)?;
/// let layers: Vec<&str> = spreads.iter().map(|it| it.layer.as_str()).collect();
/// assert_eq!(layers, ["hidden1", "output"]);
/// assert_eq!(spreads[0].activations.count(), 200 * 50);
/// # Ok::<(), dfdx::prelude::CpuError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Probe {
    features: Vec<f32>,
    labels: Vec<u8>,
    classes: usize,
}

/// A matrix whose shape is known at run time.
type Matrix<T = NoneTape> = Tensor<(usize, usize), f32, Cpu, T>;

impl Probe {
    /// Takes the first `rows` instances of a dataset, or all if it has fewer.
    pub fn new<const D: usize>(data: &Dataset<D>, rows: usize) -> Self {
        let rows: Vec<usize> = (0..rows.min(data.len())).collect();
        let mut features = Vec::new();
        data.gather(&rows, &mut features);
        let labels = rows.iter().map(|&row| data.labels()[row]).collect();
        Self { features, labels, classes: data.classes() }
    }

    /// Sends the batch through the layers of a network and its loss back, and returns the spread in each linear layer.
    ///
    /// Batch normalisation takes the statistics of the batch, as in training; nothing is dropped, and frozen layers are
    /// passed through like others.
    pub fn spreads(&self, layers: &[Layer], network: &dyn AnyNetwork) -> Result<Vec<Spread>, CpuError> {
        let (device, count) = (Cpu::default(), self.labels.len());
        let width = self.features.len() / count.max(1);
        let x: Matrix = device.try_tensor_from_vec(self.features.clone(), (count, width))?;
        let mut pass = Pass { tensors: export_tensors(network).into_iter(), seen: Vec::new(), device };
        let logits = pass.forward(layers, x.leaky_trace())?;

        let mut classes = vec![0.0; count * self.classes];
        self.labels
            .iter()
            .zip(classes.chunks_exact_mut(self.classes))
            .for_each(|(&it, row)| row[usize::from(it)] = 1.0);
        let classes: Matrix = pass.device.try_tensor_from_vec(classes, (count, self.classes))?;
        // The sum over instances, so that the gradient of each is of its own loss.
        let loss = logits.try_log_softmax::<Axis<1>>()?.try_mul(classes)?.try_sum::<Rank0, _>()?.try_negate()?;
        let gradients = loss.try_backward()?;
        let spread = |Seen { layer, sums, activations }| Spread {
            layer,
            activations: Histogram::of(&Tensor::as_vec(&activations)),
            gradients: Histogram::of(&gradients.get(&sums).as_vec()),
        };
        Ok(pass.seen.into_iter().map(spread).collect())
    }
}

/// What a linear layer gives for the batch, before and after what follows it.
struct Seen {
    layer: String,
    sums: Matrix,
    activations: Matrix,
}

/// A batch on its way forward.
struct Pass {
    /// The tensors of the layers to come.
    tensors: std::vec::IntoIter<NamedTensor>,
    seen: Vec<Seen>,
    device: Cpu,
}

impl Pass {
    fn forward(&mut self, layers: &[Layer], mut x: Matrix<GradientTape>) -> Result<Matrix<GradientTape>, CpuError> {
        for layer in layers {
            x = match layer {
                Layer::Linear { .. } => {
                    let ((name, weights), (_, biases)) = (self.values(), self.values());
                    let sums = linear(x, weights, &biases)?;
                    let layer = name.trim_end_matches(".weight").to_owned();
                    self.seen.push(Seen { layer, sums: sums.retaped(), activations: sums.retaped() });
                    sums
                }
                Layer::BatchNorm { features, .. } => {
                    let x = x.try_normalize::<Axis<0>>(f64::from(BATCH_NORM_EPSILON))?;
                    let x = self.along_rows(*features, x, Tensor::try_mul)?;
                    let x = self.along_rows(*features, x, Tensor::try_add)?;
                    self.tensors.nth(1); // The running statistics serve inference alone.
                    x
                }
                Layer::Activation(activation) => activation.try_forward(x)?,
                Layer::Dropout { .. } => x,
                Layer::Frozen(layers) => self.forward(layers, x)?,
            };
            if let (Some(seen), Layer::Activation(_)) = (self.seen.last_mut(), layer) {
                seen.activations = x.retaped();
            }
        }
        Ok(x)
    }

    /// Combines each row with the next tensor.
    fn along_rows(
        &mut self,
        width: usize,
        x: Matrix<GradientTape>,
        combine: fn(Matrix<GradientTape>, Matrix) -> Result<Matrix<GradientTape>, CpuError>,
    ) -> Result<Matrix<GradientTape>, CpuError> {
        let (_, row) = self.values();
        let row: Tensor<(usize,), f32, Cpu> = self.device.try_tensor_from_vec(row, (width,))?;
        let rows = row.try_broadcast_like::<_, Axis<0>>(x.shape())?;
        combine(x, rows)
    }

    /// Returns the name and the values of the next tensor.
    fn values(&mut self) -> (String, Vec<f32>) {
        self.tensors.next().map(|tensor| (tensor.name, tensor.values)).unwrap_or_default()
    }
}

/// Computes the weighted sums of a linear layer, and records the backward pass to its inputs.
fn linear(x: Matrix<GradientTape>, weights: Vec<f32>, biases: &[f32]) -> Result<Matrix<GradientTape>, CpuError> {
    let (x, mut tape) = x.split_tape();
    let (&(rows, inputs), outputs) = (x.shape(), biases.len());
    let mut sums = biases.repeat(rows);
    add_linear(&x.as_vec(), &weights, &mut sums, rows);
    let y = x.device().try_tensor_from_vec(sums, (rows, outputs))?;
    let (x, output) = (x.ghost(), y.ghost());
    tape.add_backward_op(move |gradients| {
        let gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
        let (left, right) =
            (Left::plain(&gradient, rows, outputs, outputs), Rows { values: &weights[..], stride: inputs });
        let values = gradients.get_or_alloc_mut(&x)?.as_mut_slice();
        add_product(left, right, inputs, Onto::Product, Rows { values, stride: inputs });
        Ok(())
    });
    Ok(y.put_tape(tape))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic::{DrawnDigits, Size};
    use crate::nets::{Activation, BatchNorm, Constant, Dropout, Hidden, Linear, Sequential, build, cross_entropy};

    type Network = (Hidden<784, 30>, (Dropout, Linear<30, 20>, BatchNorm<20>, Activation), Linear<20, 10>);

    fn digits() -> Dataset<784> {
        DrawnDigits { size: Size { training: 240, test: 10 }, seed: 1 }.draw().train
    }

    /// The gradient of the loss with respect to the last layer's biases is the sum of the gradients there.
    #[test]
    fn it_sees_what_training_sees() {
        let mut network: Network = build(3);
        network.1.0.rate = 0.0;
        network.1.3 = Activation::Logistic;
        let digits = digits();
        let spreads = Probe::new(&digits, 100).spreads(&network.layers(), &network).unwrap();
        assert_eq!(spreads.iter().map(|it| it.layer.as_str()).collect::<Vec<_>>(), ["hidden1", "hidden2", "output"]);

        let (x, labels) = digits.batch(&(0..100).collect::<Vec<_>>(), &Cpu::default());
        let mut theirs = network.clone();
        let hidden1 = network.0.forward(x.clone()).as_vec();
        let expected = Histogram::of(&hidden1);
        assert!((spreads[0].activations.standard_deviation() - expected.standard_deviation()).abs() < 1e-5);
        assert!((spreads[0].activations.sum - expected.sum).abs() < 1e-2);
        let logits = theirs.try_forward_mut(Constant(x.leaky_trace())).unwrap();
        let gradients = cross_entropy(logits, &labels).unwrap().backward();
        let biases = [gradients.get(&network.0.0.bias).as_vec(), gradients.get(&network.2.bias).as_vec()];
        for (spread, bias) in [&spreads[0], &spreads[2]].into_iter().zip(biases) {
            let expected = 100.0 * bias.iter().map(|&it| f64::from(it)).sum::<f64>();
            assert!(
                (spread.gradients.sum - expected).abs() < 1e-3,
                "{}: {}, not {expected}",
                spread.layer,
                spread.gradients.sum
            );
        }
    }

    #[test]
    fn gradients_vanish_under_the_logistic_function_and_not_under_elu() {
        type Deep =
            ((Linear<784, 50>, Activation), (Linear<50, 50>, Activation), (Linear<50, 50>, Activation), Linear<50, 10>);
        let left = |activation| {
            let mut network: Deep = build(1);
            (network.0.1, network.1.1, network.2.1) = (activation, activation, activation);
            let spreads = Probe::new(&digits(), 200).spreads(&network.layers(), &network).unwrap();
            spreads[0].gradients.standard_deviation() / spreads[2].gradients.standard_deviation()
        };
        let [logistic, elu] = [Activation::Logistic, Activation::Elu].map(left);
        assert!(logistic < 0.2 && elu > 0.5, "{logistic} {elu}");
    }
}
