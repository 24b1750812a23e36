//! Networks as [ONNX](https://onnx.ai) files, which other programs run without knowing anything of this one.

mod message;
#[cfg(test)]
mod tests;

use std::path::Path;

use ch11_core::Result;
use ch11_core::disk::persist;
use ch11_core::nets::{
    Activation, BATCH_NORM_EPSILON, Classifier, Comparer, Layer, NamedTensor, PairLayers, Structure, Towers,
    export_tensors,
};
use prost::Message;

use message::{Attribute, FLOAT, Graph, Model, Node, OperatorSet, Tensor, ValueInfo};

/// The format's version 8 and the operators' version 15, of 2021: programs read what is older than they are.
const IR_VERSION: i64 = 8;
const OPERATORS: i64 = 15;

/// Writes a classifier: `images`, `(n, D)`, to `logits`, `(n, CLASSES)`, as in inference. `doc` is what the file says of it.
///
/// # Errors
/// Those of [`write_structure`].
pub fn write<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    path: &Path,
    network: &M,
    doc: &str,
) -> Result<()> {
    write_structure(path, &Structure::Sequence(network.layers()), export_tensors(network), doc)
}

/// Writes a network that compares two images: `first` and `second`, `(n, 784)` each, to `logits`, `(n, 1)`.
///
/// # Errors
/// Those of [`write_structure`].
pub fn write_pair<M: Comparer>(path: &Path, network: &M, doc: &str) -> Result<()> {
    write_structure(path, &Structure::Pair(network.layers()), export_tensors(network), doc)
}

/// Writes a network of these layers and tensors, as in inference: dropout, which acts in training only, is left out.
///
/// # Errors
/// If the file cannot be written; an earlier one at `path` is then unchanged.
///
/// # Panics
/// If there are fewer tensors than the layers have.
pub fn write_structure(path: &Path, structure: &Structure, tensors: Vec<NamedTensor>, doc: &str) -> Result<()> {
    persist(path, &model(structure, tensors, doc).encode_to_vec())
}

fn model(structure: &Structure, tensors: Vec<NamedTensor>, doc: &str) -> Model {
    let mut writer = Writer { tensors: &tensors, next: 0, nodes: Vec::new() };
    let (inputs, logits) = match structure {
        Structure::Sequence(layers) => (vec!["images"], writer.layers(layers, "images".to_owned())),
        Structure::Pair(PairLayers { towers, head }) => {
            let compared = match towers {
                Towers::Apart { a, b } => {
                    let both = [writer.layers(a, "first".to_owned()), writer.layers(b, "second".to_owned())];
                    writer.node("Concat", both.into(), vec![Attribute::int("axis", 1)])
                }
                Towers::Shared(tower) => {
                    let first = writer.layers(tower, "first".to_owned());
                    writer.next = 0;
                    let second = writer.layers(tower, "second".to_owned());
                    let difference = writer.node("Sub", vec![first, second], Vec::new());
                    writer.node("Abs", vec![difference], Vec::new())
                }
            };
            (vec!["first", "second"], writer.layers(head, compared))
        }
    };
    let identity = Node { outputs: vec!["logits".to_owned()], ..Node::new("Identity", vec![logits]) };
    let nodes = writer.nodes.into_iter().chain([identity]).collect();
    // A weight's shape is (out, in); the last tensor is a bias.
    let width = |shape: Option<&NamedTensor>, side: usize| shape.and_then(|it| it.shape.get(side)).copied();
    let (inner, outer) = (width(tensors.first(), 1), width(tensors.last(), 0));
    let graph = Graph {
        name: structure.to_string(),
        inputs: inputs.into_iter().map(|name| ValueInfo::rows(name, inner.unwrap_or(0))).collect(),
        outputs: vec![ValueInfo::rows("logits", outer.unwrap_or(0))],
        nodes,
        initializers: tensors.into_iter().map(initializer).collect(),
    };
    Model {
        ir_version: IR_VERSION,
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        doc_string: doc.to_owned(),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATORS }],
    }
}

/// Turns layer after layer into operations.
struct Writer<'a> {
    /// The tensors of all layers.
    tensors: &'a [NamedTensor],
    /// The position of the next layer's first tensor.
    next: usize,
    nodes: Vec<Node>,
}

impl Writer<'_> {
    /// Adds the operations of layers on the value of this name, and returns the name of what they give.
    fn layers(&mut self, layers: &[Layer], mut value: String) -> String {
        for layer in layers {
            value = match layer {
                // Y = X W^T + b.
                Layer::Linear { .. } => self.layer("Gemm", value, 2, vec![Attribute::int("transB", 1)]),
                // Scale, shift, mean and variance, in the order in which the layer has them.
                Layer::BatchNorm { .. } => {
                    let epsilon = Attribute::float("epsilon", BATCH_NORM_EPSILON);
                    self.layer("BatchNormalization", value, 4, vec![epsilon])
                }
                Layer::Activation(Activation::Elu) => self.layer("Elu", value, 0, vec![Attribute::float("alpha", 1.0)]),
                Layer::Activation(Activation::Relu) => self.layer("Relu", value, 0, Vec::new()),
                Layer::Activation(Activation::Logistic) => self.layer("Sigmoid", value, 0, Vec::new()),
                Layer::Activation(Activation::LeakyRelu { slope }) => {
                    self.layer("LeakyRelu", value, 0, vec![Attribute::float("alpha", *slope)])
                }
                Layer::Dropout { .. } => value,
                Layer::Frozen(layers) => self.layers(layers, value),
            };
        }
        value
    }

    /// Adds a layer's operation on a value and on the next `tensors`.
    fn layer(&mut self, op_type: &str, value: String, tensors: usize, attributes: Vec<Attribute>) -> String {
        let own = &self.tensors[self.next..self.next + tensors];
        self.next += tensors;
        self.node(op_type, std::iter::once(value).chain(own.iter().map(|it| it.name.clone())).collect(), attributes)
    }

    /// Adds an operation, and returns the name of what it gives.
    fn node(&mut self, op_type: &str, inputs: Vec<String>, attributes: Vec<Attribute>) -> String {
        let output = format!("{}_{}", op_type.to_lowercase(), self.nodes.len() + 1);
        self.nodes.push(Node { outputs: vec![output.clone()], attributes, ..Node::new(op_type, inputs) });
        output
    }
}

fn initializer(tensor: NamedTensor) -> Tensor {
    Tensor {
        dims: tensor.shape.iter().map(|&length| length as i64).collect(),
        data_type: FLOAT,
        name: tensor.name,
        raw_data: tensor.values.into_iter().flat_map(f32::to_le_bytes).collect(),
    }
}
