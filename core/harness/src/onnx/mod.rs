//! Networks as [ONNX](https://onnx.ai) files, which other programs run without knowing anything of this one.

mod message;

use std::path::Path;

use ch11_core::Result;
use ch11_core::disk::persist;
use ch11_core::nets::{Activation, BATCH_NORM_EPSILON, Classifier, Layer, NamedTensor, export_tensors};
use prost::Message;

use message::{Attribute, FLOAT, Graph, Model, Node, OperatorSet, Tensor, ValueInfo};

/// The format's version 8 and the operators' version 15, of 2021: programs read what is older than they are.
const IR_VERSION: i64 = 8;
const OPERATORS: i64 = 15;

/// Writes a classifier: `images`, `(n, D)`, to `logits`, `(n, CLASSES)`, as in inference. `doc` is what the file says of it.
///
/// Any network whose layers follow one another can be written. Dropout, which acts in training only, is left out.
///
/// # Errors
/// If the file cannot be written; an earlier one at `path` is then unchanged.
pub fn write<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(
    path: &Path,
    network: &M,
    doc: &str,
) -> Result<()> {
    persist(path, &model::<M, D, CLASSES>(network, doc).encode_to_vec())
}

fn model<M: Classifier<D, CLASSES>, const D: usize, const CLASSES: usize>(network: &M, doc: &str) -> Model {
    let mut writer = Writer { tensors: export_tensors(network).into_iter(), graph: Graph::default() };
    writer.add_all(&network.layers());
    Model {
        ir_version: IR_VERSION,
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        doc_string: doc.to_owned(),
        graph: Some(Graph {
            name: network.architecture(),
            inputs: vec![ValueInfo::rows("images", D)],
            outputs: vec![ValueInfo::rows("logits", CLASSES)],
            ..writer.finished()
        }),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATORS }],
    }
}

/// Adds layer after layer to a graph.
struct Writer {
    /// The tensors of the layers to come.
    tensors: std::vec::IntoIter<NamedTensor>,
    graph: Graph,
}

impl Writer {
    fn add_all(&mut self, layers: &[Layer]) {
        for layer in layers {
            match layer {
                // Y = X W^T + b.
                Layer::Linear { .. } => self.add("Gemm", 2, vec![Attribute::int("transB", 1)]),
                // Scale, shift, mean and variance, in the order in which the layer has them.
                Layer::BatchNorm { .. } => {
                    self.add("BatchNormalization", 4, vec![Attribute::float("epsilon", BATCH_NORM_EPSILON)]);
                }
                Layer::Activation(Activation::Elu) => self.add("Elu", 0, vec![Attribute::float("alpha", 1.0)]),
                Layer::Activation(Activation::Relu) => self.add("Relu", 0, Vec::new()),
                Layer::Activation(Activation::LeakyRelu { slope }) => {
                    self.add("LeakyRelu", 0, vec![Attribute::float("alpha", *slope)]);
                }
                Layer::Dropout { .. } => {}
                Layer::Frozen(layers) => self.add_all(layers),
            }
        }
    }

    /// Adds an operation on what the last one gave, with the next `tensors`.
    fn add(&mut self, op_type: &str, tensors: usize, attributes: Vec<Attribute>) {
        let mut inputs = vec![self.last_output()];
        for tensor in self.tensors.by_ref().take(tensors) {
            inputs.push(tensor.name.clone());
            self.graph.initializers.push(initializer(tensor));
        }
        let output = format!("{}_{}", op_type.to_lowercase(), self.graph.nodes.len() + 1);
        self.graph.nodes.push(Node { inputs, outputs: vec![output], op_type: op_type.to_owned(), attributes });
    }

    fn last_output(&self) -> String {
        self.graph.nodes.last().map_or_else(|| "images".to_owned(), |node| node.outputs[0].clone())
    }

    /// Returns the graph, whose last operation gives the logits.
    fn finished(mut self) -> Graph {
        self.add("Identity", 0, Vec::new());
        if let Some(last) = self.graph.nodes.last_mut() {
            last.outputs = vec!["logits".to_owned()];
        }
        self.graph
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use ch11_core::nets::{BatchNorm, Dropout, Frozen, Hidden, Linear, build};
    use dfdx::prelude::{Const, Cpu, Module, TensorFromVec};

    use super::*;

    type Network = (Frozen<Hidden<3, 4>>, (Dropout, Linear<4, 5>, BatchNorm<5>, Activation), Linear<5, 2>);

    /// Runs a graph on rows, as ONNX describes its operators.
    fn run(graph: &Graph, images: Vec<f32>, rows: usize) -> Vec<f32> {
        let weights: HashMap<&str, Vec<f32>> = graph
            .initializers
            .iter()
            .map(|it| {
                let floats = it.raw_data.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
                (it.name.as_str(), floats.collect())
            })
            .collect();
        let mut values = HashMap::from([("images", images)]);
        for node in &graph.nodes {
            let x = &values[node.inputs[0].as_str()];
            let width = x.len() / rows;
            let tensors: Vec<&Vec<f32>> = node.inputs[1..].iter().map(|name| &weights[name.as_str()]).collect();
            let float = |name: &str| node.attributes.iter().find(|it| it.name == name).and_then(|it| it.f).unwrap();
            let each = |f: &dyn Fn(f32) -> f32| x.iter().map(|&value| f(value)).collect::<Vec<f32>>();
            let y: Vec<f32> = match node.op_type.as_str() {
                "Gemm" => {
                    let dot = |x: &[f32], w: &[f32]| x.iter().zip(w).map(|(x, w)| x * w).sum::<f32>();
                    let outputs = |x| {
                        tensors[0]
                            .chunks_exact(width)
                            .zip(tensors[1])
                            .map(move |(w, bias): (&[f32], &f32)| dot(x, w) + bias)
                    };
                    x.chunks_exact(width).flat_map(outputs).collect()
                }
                "BatchNormalization" => {
                    let [scale, shift, mean, variance] = tensors[..] else { panic!("{} tensors", tensors.len()) };
                    let deviation = |column: usize| (variance[column] + float("epsilon")).sqrt();
                    let normal = |(index, value): (usize, &f32)| {
                        let column = index % width;
                        scale[column] * (value - mean[column]) / deviation(column) + shift[column]
                    };
                    x.iter().enumerate().map(normal).collect()
                }
                "Elu" => each(&|value| if value > 0.0 { value } else { float("alpha") * value.exp_m1() }),
                "LeakyRelu" => each(&|value| if value > 0.0 { value } else { float("alpha") * value }),
                "Identity" => x.clone(),
                other => panic!("{other}"),
            };
            values.insert(node.outputs[0].as_str(), y);
        }
        values.remove("logits").unwrap()
    }

    #[test]
    fn a_graph_computes_the_logits_of_its_network() {
        let mut network: Network = build(1);
        network.1.3 = Activation::LeakyRelu { slope: 0.25 };
        network.1.2.running_mean.copy_from(&[0.1, -0.2, 0.3, 0.0, 1.0]);
        network.1.2.running_variance.copy_from(&[0.5, 2.0, 1.0, 3.0, 0.1]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.onnx");
        write::<Network, 3, 2>(&path, &network, "of a test").unwrap();

        let model = Model::decode(&std::fs::read(&path).unwrap()[..]).unwrap();
        assert_eq!((model.doc_string.as_str(), model.opset_import[0].version), ("of a test", 15));
        let graph = model.graph.unwrap();
        let operators: Vec<&str> = graph.nodes.iter().map(|node| node.op_type.as_str()).collect();
        assert_eq!(operators, ["Gemm", "Elu", "Gemm", "BatchNormalization", "LeakyRelu", "Gemm", "Identity"]);
        let rows = vec![0.5, -1.0, 2.0, 0.0, 0.25, -0.75];
        let expected = network.forward(Cpu::default().tensor_from_vec(rows.clone(), (2, Const::<3>))).as_vec();
        let found = run(&graph, rows, 2);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}
