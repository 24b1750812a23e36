//! The networks, with the weights from which all contenders start.

use std::path::Path;

use anyhow::Result;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{BinaryCrossEntropyLossConfig, CrossEntropyLossConfig};
use burn::tensor::activation::elu;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::data::{PIXELS, floats};

const TOWER: [usize; 6] = [PIXELS, 100, 100, 100, 100, 100];

/// Exercise 8's network.
#[derive(Module, Debug)]
pub struct DeepNet {
    hidden: Vec<Linear>,
    output: Linear,
}

impl DeepNet {
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let values = &mut &floats(&folder.join("5.weights"))?[..];
        Ok(Self { hidden: layers(values, &TOWER, device), output: layer(values, 100, 5, device) })
    }

    /// Returns the cross-entropy of images, `(n, 784)`, with labels, `(n)`.
    pub fn loss(&self, x: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
        let logits = self.output.forward(through(&self.hidden, x));
        CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, labels)
    }
}

/// Exercise 10's network: a tower for each image, and a head.
#[derive(Module, Debug)]
pub struct PairNet {
    a: Vec<Linear>,
    b: Vec<Linear>,
    head: Vec<Linear>,
    output: Linear,
}

impl PairNet {
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let values = &mut &floats(&folder.join("pairs.weights"))?[..];
        let [a, b, head] = [&TOWER[..], &TOWER, &[200, 10]].map(|sizes| layers(values, sizes, device));
        Ok(Self { a, b, head, output: layer(values, 10, 1, device) })
    }

    /// Returns the logistic loss of pairs of images, `(n, 784)` each, with labels, `(n)`.
    pub fn loss(&self, first: Tensor<2>, second: Tensor<2>, different: Tensor<1, Int>) -> Tensor<1> {
        let both = Tensor::cat(vec![through(&self.a, first), through(&self.b, second)], 1);
        let logits = self.output.forward(through(&self.head, both)).squeeze_dim(1);
        BinaryCrossEntropyLossConfig::new().with_logits(true).init(&logits.device()).forward(logits, different)
    }
}

fn through(hidden: &[Linear], x: Tensor<2>) -> Tensor<2> {
    hidden.iter().fold(x, |x, layer| elu(layer.forward(x), 1.0))
}

/// Takes layers of these sizes from the beginning of the values.
fn layers(values: &mut &[f32], sizes: &[usize], device: &Device) -> Vec<Linear> {
    sizes.windows(2).map(|pair| layer(values, pair[0], pair[1], device)).collect()
}

fn layer(values: &mut &[f32], inputs: usize, outputs: usize, device: &Device) -> Linear {
    let (weight, rest) = values.split_at(inputs * outputs);
    let (bias, rest) = rest.split_at(outputs);
    *values = rest;
    // burn has the weights as (inputs, outputs); the copy puts them into that order in memory, too.
    let mut transposed = vec![0.0; weight.len()];
    for (index, value) in weight.iter().enumerate() {
        transposed[index % inputs * outputs + index / inputs] = *value;
    }
    let weight = Tensor::from_data(TensorData::new(transposed, [inputs, outputs]), device);
    let bias = Tensor::from_data(TensorData::new(bias.to_vec(), [outputs]), device);
    Linear { weight: Param::from_tensor(weight), bias: Some(Param::from_tensor(bias)) }
}
