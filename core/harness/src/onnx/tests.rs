use std::collections::HashMap;

use ch11_core::nets::{
    BatchNorm, Dropout, Frozen, Hidden, HiddenLayers, Linear, PairBatch, PairNetwork, Siamese, build,
};
use dfdx::prelude::{Const, Cpu, Module, TensorFromVec};

use super::*;

type Network = (Frozen<Hidden<3, 4>>, (Dropout, Linear<4, 5>, BatchNorm<5>, Activation), Linear<5, 2>);
type Apart = PairNetwork<HiddenLayers, HiddenLayers, (Hidden<200, 10>, Linear<10, 1>)>;

/// Runs a graph on rows, as ONNX describes its operators.
fn run(graph: &Graph, inputs: &[(&str, &[f32])], rows: usize) -> Vec<f32> {
    let floats = |it: &Tensor| -> Vec<f32> {
        it.raw_data.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    };
    let mut values: HashMap<&str, Vec<f32>> =
        graph.initializers.iter().map(|it| (it.name.as_str(), floats(it))).collect();
    values.extend(inputs.iter().map(|&(name, input)| (name, input.to_vec())));
    for node in &graph.nodes {
        let given: Vec<&Vec<f32>> = node.inputs.iter().map(|name| &values[name.as_str()]).collect();
        let (x, tensors) = given.split_first().unwrap();
        let width = x.len() / rows;
        let float = |name: &str| node.attributes.iter().find(|it| it.name == name).and_then(|it| it.f).unwrap();
        let each = |f: &dyn Fn(f32) -> f32| x.iter().map(|&value| f(value)).collect::<Vec<f32>>();
        let y: Vec<f32> = match node.op_type.as_str() {
            "Gemm" => {
                let dot = |x: &[f32], w: &[f32]| x.iter().zip(w).map(|(x, w)| x * w).sum::<f32>();
                let outputs = |x| {
                    let weights = tensors[0].chunks_exact(width).zip(tensors[1]);
                    weights.map(move |(w, bias): (&[f32], &f32)| dot(x, w) + bias)
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
            "Concat" => {
                let others = tensors[0].chunks_exact(tensors[0].len() / rows);
                x.chunks_exact(width).zip(others).flat_map(|(x, y)| [x, y].concat()).collect()
            }
            "Sub" => x.iter().zip(tensors[0]).map(|(x, y)| x - y).collect(),
            "Abs" => each(&f32::abs),
            "Elu" => each(&|value| if value > 0.0 { value } else { float("alpha") * value.exp_m1() }),
            "LeakyRelu" => each(&|value| if value > 0.0 { value } else { float("alpha") * value }),
            "Sigmoid" => each(&|value| 1.0 / (1.0 + (-value).exp())),
            "Identity" => x.to_vec(),
            other => panic!("{other}"),
        };
        values.insert(node.outputs[0].as_str(), y);
    }
    values.remove("logits").unwrap()
}

fn read(path: &Path) -> (Model, Graph) {
    let model = Model::decode(&std::fs::read(path).unwrap()[..]).unwrap();
    let graph = model.graph.clone().unwrap();
    (model, graph)
}

fn operators(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.op_type.as_str()).collect()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
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

    let (model, graph) = read(&path);
    assert_eq!((model.doc_string.as_str(), model.opset_import[0].version), ("of a test", 15));
    assert_eq!(operators(&graph), ["Gemm", "Elu", "Gemm", "BatchNormalization", "LeakyRelu", "Gemm", "Identity"]);
    assert_eq!(
        (&graph.inputs[..], &graph.outputs[..]),
        (&[ValueInfo::rows("images", 3)][..], &[ValueInfo::rows("logits", 2)][..])
    );
    let rows = vec![0.5, -1.0, 2.0, 0.0, 0.25, -0.75];
    let expected = network.forward(Cpu::default().tensor_from_vec(rows.clone(), (2, Const::<3>))).as_vec();
    assert_close(&run(&graph, &[("images", &rows)], 2), &expected);

    network.1.3 = Activation::Logistic;
    write::<Network, 3, 2>(&path, &network, "of a test").unwrap();
    let expected = network.forward(Cpu::default().tensor_from_vec(rows.clone(), (2, Const::<3>))).as_vec();
    assert_close(&run(&read(&path).1, &[("images", &rows)], 2), &expected);
}

#[test]
fn a_graph_of_two_towers_computes_the_logits_of_its_pairs() {
    let batch =
        |shift: f32| -> Vec<f32> { (0..2 * 784).map(|index| (index as f32 * 0.37 + shift).sin().abs()).collect() };
    let (first, second) = (batch(0.0), batch(1.0));
    let pair = || -> PairBatch {
        [&first, &second].map(|rows| Cpu::default().tensor_from_vec(rows.clone(), (2, Const))).into()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.onnx");
    let inputs = [("first", &first[..]), ("second", &second[..])];

    let network: Apart = build(1);
    write_pair(&path, &network, "").unwrap();
    let (_, graph) = read(&path);
    assert_eq!(operators(&graph)[20..], ["Concat", "Gemm", "Elu", "Gemm", "Identity"]);
    assert_close(&run(&graph, &inputs, 2), &network.forward(pair()).as_vec());

    let network: Siamese<HiddenLayers, Linear<100, 1>> = build(2);
    write_pair(&path, &network, "").unwrap();
    let (_, graph) = read(&path);
    assert_eq!(operators(&graph)[20..], ["Sub", "Abs", "Gemm", "Identity"]);
    assert_eq!((graph.initializers.len(), graph.inputs.len()), (12, 2));
    assert_close(&run(&graph, &inputs, 2), &network.forward(pair()).as_vec());
}
