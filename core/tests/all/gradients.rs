//! Gradients of the hand-written operations against finite differences in double precision and against dfdx's own operations.

use ch11_core::nets::{
    Activation, AnyNetwork, Batch, Constant, DeepNet, Elu, GradientTape, Linear, NamedTensor, Parameters,
    binary_cross_entropy, build, concatenate, cross_entropy, export_tensors, import_tensors,
};
use dfdx::nn::ZeroGrads;
use dfdx::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 7;
const LABELS: [u8; ROWS] = [0, 1, 2, 3, 4, 4, 0];

type Network = DeepNet<5>;

/// A network whose biases are not 0, so that a mistake with them shows.
fn network() -> Network {
    let mut network: Network = build(1);
    let mut tensors = export_tensors(&network);
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for bias in tensors.iter_mut().filter(|tensor| tensor.name.ends_with("bias")) {
        bias.values.iter_mut().for_each(|value| *value = rng.gen_range(-0.3..0.3));
    }
    import_tensors(&mut network, &tensors).unwrap();
    network
}

fn pixels() -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    (0..ROWS * 784).map(|_| if rng.gen_bool(0.8) { 0.0 } else { rng.gen_range(0.0..1.0) }).collect()
}

fn batch() -> Batch<784> {
    Cpu::default().tensor_from_vec(pixels(), (ROWS, Const))
}

/// Copies the gradient of every tensor of a network, in the order of `export_tensors`.
fn collect<M: Parameters>(network: &M, mut gradients: Gradients<f32, Cpu>) -> Vec<Vec<f32>> {
    let mut collected = Vec::new();
    network.clone().visit_tensors(&mut |_, _, tensor| {
        collected.push(tensor.gradient(&mut gradients).unwrap().to_vec());
    });
    collected
}

fn backward(network: &Network) -> (f32, Vec<Vec<f32>>) {
    let x = Constant(batch().traced(network.alloc_grads()));
    let loss = cross_entropy(network.forward(x), &LABELS).unwrap();
    let value = loss.array();
    (value, collect(network, loss.backward()))
}

/// The loss of a network of these tensors, by the textbook's formulas.
fn loss_in_double(tensors: &[NamedTensor], x: &[f32]) -> f64 {
    let mut rows: Vec<Vec<f64>> = x.chunks(784).map(|row| row.iter().copied().map(f64::from).collect()).collect();
    for (layer, parameters) in tensors.chunks(2).enumerate() {
        let (weight, bias) = (&parameters[0], &parameters[1]);
        let inputs = weight.shape[1];
        for row in &mut rows {
            let neuron = |(weights, bias): (&[f32], &f32)| {
                let sum: f64 = weights.iter().zip(row.iter()).map(|(w, x)| f64::from(*w) * x).sum();
                let z = sum + f64::from(*bias);
                if layer < 5 && z < 0.0 { z.exp_m1() } else { z }
            };
            *row = weight.values.chunks(inputs).zip(&bias.values).map(neuron).collect();
        }
    }
    let row_loss =
        |(row, label): (&Vec<f64>, u8)| row.iter().map(|z| z.exp()).sum::<f64>().ln() - row[usize::from(label)];
    rows.iter().zip(LABELS).map(row_loss).sum::<f64>() / ROWS as f64
}

#[test]
fn network_agrees_with_finite_differences() {
    let network = network();
    let (loss, gradients) = backward(&network);
    let mut tensors = export_tensors(&network);
    let x = pixels();
    assert!((f64::from(loss) - loss_in_double(&tensors, &x)).abs() < 1e-5);

    let mut rng = ChaCha8Rng::seed_from_u64(4);
    for index in 0..tensors.len() {
        for _ in 0..30 {
            let entry = rng.gen_range(0..tensors[index].values.len());
            let value = tensors[index].values[entry];
            let mut loss_at = |value: f32| {
                tensors[index].values[entry] = value;
                loss_in_double(&tensors, &x)
            };
            let (above, below) = (value + 1e-3, value - 1e-3);
            let slope = (loss_at(above) - loss_at(below)) / (f64::from(above) - f64::from(below));
            tensors[index].values[entry] = value;
            let gradient = f64::from(gradients[index][entry]);
            let name = &tensors[index].name;
            assert!((gradient - slope).abs() < 1e-5 + 1e-3 * slope.abs(), "{name}[{entry}]: {gradient}, not {slope}");
        }
    }
}

/// A dense layer and ELU out of dfdx's own operations.
fn composed_layer<const I: usize, const O: usize>(
    layer: &Linear<I, O>,
    x: Batch<I, GradientTape>,
) -> Batch<O, GradientTape> {
    let n = x.shape().0;
    let terms = (n, Const::<O>, Const::<I>);
    let weight = layer.weight.retaped::<NoneTape>().broadcast_like(&terms);
    let bias = layer.bias.retaped::<GradientTape>().broadcast_like(&(n, Const::<O>));
    (x.broadcast_like(&terms) * weight).sum::<_, Axis<2>>() + bias
}

fn composed_elu<const O: usize>(z: Batch<O, GradientTape>) -> Batch<O, GradientTape> {
    z.with_empty_tape().relu() + (z.clamp(-1e9, 0.0).exp() - 1.0)
}

#[test]
fn network_agrees_with_composed_operations() {
    let network = network();
    let (h1, h2, h3, h4, h5, output) = &network;
    let x = batch().traced(network.alloc_grads());
    let x = composed_elu(composed_layer(&h1.0, x));
    let x = composed_elu(composed_layer(&h2.0, x));
    let x = composed_elu(composed_layer(&h3.0, x));
    let x = composed_elu(composed_layer(&h4.0, x));
    let x = composed_elu(composed_layer(&h5.0, x));
    let logits = composed_layer(output, x);
    let one_hot = LABELS.iter().flat_map(|&label| (0..5).map(move |class| f32::from(u8::from(class == label))));
    let targets: Batch<5> = Cpu::default().tensor_from_vec(one_hot.collect(), (ROWS, Const));
    let composed_loss = cross_entropy_with_logits_loss(logits, targets);
    let composed_value = composed_loss.array();
    let composed = collect(&network, composed_loss.backward());

    let (loss, gradients) = backward(&network);
    assert!((loss - composed_value).abs() < 1e-5, "{loss}, not {composed_value}");
    for (tensor, (ours, theirs)) in export_tensors(&network).iter().zip(gradients.iter().zip(&composed)) {
        let largest = theirs.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(largest > 0.0, "{} has a gradient", tensor.name);
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() <= 1e-4 * largest, "{}: {ours}, not {theirs}", tensor.name);
        }
    }
}

#[test]
fn elu_agrees_with_composed_operations() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let values: Vec<f32> = (0..300).map(|_| rng.gen_range(-6.0..6.0)).collect();
    let z: Batch<3> = Cpu::default().tensor_from_vec(values, (100, Const));
    let ours = Elu.forward(z.leaky_trace());
    let theirs = composed_elu(z.leaky_trace());
    for (ours, theirs) in ours.as_vec().iter().zip(theirs.as_vec()) {
        assert!((ours - theirs).abs() < 1e-6, "{ours}, not {theirs}");
    }
    let ours = ours.square().mean().backward().get(&z).as_vec();
    let theirs = theirs.square().mean().backward().get(&z).as_vec();
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-6, "{ours}, not {theirs}");
    }
}

#[test]
fn leaky_relu_agrees_with_composed_operations() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let values: Vec<f32> = (0..300).map(|_| rng.gen_range(-6.0..6.0)).collect();
    let z: Batch<3> = Cpu::default().tensor_from_vec(values, (100, Const));
    for (activation, slope) in [(Activation::Relu, 0.0), (Activation::LeakyRelu { slope: 0.1 }, 0.1)] {
        let ours = activation.forward(z.leaky_trace());
        let theirs = z.leaky_trace().prelu(slope);
        assert_eq!(ours.as_vec(), theirs.as_vec());
        let ours = ours.square().mean().backward().get(&z).as_vec();
        let theirs = theirs.square().mean().backward().get(&z).as_vec();
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-6, "{ours}, not {theirs}");
        }
    }
}

#[test]
fn logistic_agrees_with_composed_operations() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let values: Vec<f32> = (0..300).map(|_| rng.gen_range(-6.0..6.0)).collect();
    let z: Batch<3> = Cpu::default().tensor_from_vec(values, (100, Const));
    let (ours, theirs) = (Activation::Logistic.forward(z.leaky_trace()), z.leaky_trace().sigmoid());
    let pairs = ours.as_vec().into_iter().zip(theirs.as_vec());
    let [ours, theirs] = [ours, theirs].map(|y| y.square().mean().backward().get(&z).as_vec());
    for (ours, theirs) in pairs.chain(ours.into_iter().zip(theirs)) {
        assert!((ours - theirs).abs() < 1e-6, "{ours}, not {theirs}");
    }
}

#[test]
fn input_gradient_agrees_with_composed_operations_and_is_skipped_for_constants() {
    let layer: Linear<784, 100> = build(6);
    let x = batch();
    let ours = layer.forward(x.leaky_trace()).square().mean().backward().get(&x).as_vec();
    let theirs = composed_layer(&layer, x.leaky_trace()).square().mean().backward().get(&x).as_vec();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours - theirs).abs() < 1e-6, "{ours}, not {theirs}");
    }
    let mut skipped = layer.forward(Constant(x.leaky_trace())).square().mean().backward();
    let nothing = skipped.get_or_alloc_mut(&x).unwrap();
    assert!(nothing.iter().all(|&value| value == 0.0));
}

#[test]
fn binary_cross_entropy_agrees_with_finite_differences_and_composed_operations() {
    let logits = [-3.0, -0.5, 0.0, 0.2, 1.5, 4.0, -20.0_f32];
    let labels = [0, 1, 1, 0, 1, 0, 1];
    let z: Batch<1> = Cpu::default().tensor_from_vec(logits.to_vec(), (ROWS, Const));
    let loss = binary_cross_entropy(z.leaky_trace(), &labels).unwrap();
    let loss_in_double = |logits: &[f32]| {
        let row_loss = |(&z, label): (&f32, u8)| (f64::from(z).exp() + 1.0).ln() - f64::from(z) * f64::from(label);
        logits.iter().zip(labels).map(row_loss).sum::<f64>() / ROWS as f64
    };
    assert!((f64::from(loss.array()) - loss_in_double(&logits)).abs() < 1e-6);

    let targets: Batch<1> = Cpu::default().tensor_from_vec(labels.map(f32::from).to_vec(), (ROWS, Const));
    let composed = binary_cross_entropy_with_logits_loss(z.leaky_trace(), targets);
    assert!((loss.array() - composed.array()).abs() < 1e-6);
    let (ours, theirs) = (loss.backward().get(&z).as_vec(), composed.backward().get(&z).as_vec());
    for (entry, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let loss_at = |step: f32| {
            let mut moved = logits;
            moved[entry] += step;
            (loss_in_double(&moved), f64::from(moved[entry]))
        };
        let ((above, z_above), (below, z_below)) = (loss_at(1e-3), loss_at(-1e-3));
        let slope = (above - below) / (z_above - z_below);
        assert!((f64::from(*ours) - slope).abs() < 1e-6, "of logit {entry}: {ours}, not {slope}");
        assert!((ours - theirs).abs() < 1e-6, "of logit {entry}: {ours}, not {theirs}");
    }
}

#[test]
fn binary_cross_entropy_of_large_logits_is_finite() {
    let z: Batch<1> = Cpu::default().tensor_from_vec(vec![1e30, -1e30, 1e30, -1e30], (4, Const));
    let loss = binary_cross_entropy(z.leaky_trace(), &[1, 0, 0, 1]).unwrap();
    assert_eq!(loss.array(), 5e29);
    assert_eq!(loss.backward().get(&z).as_vec(), [0.0, 0.0, 0.25, -0.25]);
}

#[test]
fn concatenation_sends_each_side_its_gradient() {
    let dev = Cpu::default();
    let value = |index: usize| index as f32 / 7.0 - 1.0;
    let batch = |first: usize| -> Batch<3> { dev.tensor_from_vec((first..first + 6).map(value).collect(), (2, Const)) };
    let (left, right) = (batch(0), batch(6));
    let (traced, tape) = left.leaky_trace().split_tape();
    let both: Batch<6, _> = concatenate(traced, right.clone().put_tape(tape)).unwrap();
    assert_eq!(both.as_vec(), [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11].map(value));
    // The mean of squares of 12 values: each one's gradient is a sixth of it.
    let gradients = both.square().mean().backward();
    for side in [left, right] {
        let expected = side.as_vec();
        for (gradient, value) in gradients.get(&side).as_vec().iter().zip(expected) {
            assert!((gradient - value / 6.0).abs() < 1e-6, "{gradient}, not {value} / 6");
        }
    }
}
