//! Fused passes against the same networks on dfdx's tape.

use ch11_kernels::{NesterovStep, Step};
use dfdx::prelude::*;

use super::{Batch, FlatParameters, FusedNetwork, FusedPair, FusedTask, Update};
use crate::data::{Dataset, Pair, Relation};
use crate::nets::{
    Activation, AnyNetwork, BatchLoss, BatchNorm, Classifier, Comparer, Constant, Dropout, DropoutHidden, Frozen,
    Hidden, Linear, NormalisedHidden, PairNetwork, Parameters, Siamese, Tally, build, copy_in, copy_out,
    trainable_parameters,
};

const ROWS: usize = 53;

/// Pixels, most of them 0, and labels that mean nothing.
fn pixels<const D: usize>() -> Dataset<D> {
    let pixel = |index: usize| {
        let hashed = (index as u32).wrapping_mul(2_654_435_761) >> 8;
        if hashed.is_multiple_of(4) { (hashed >> 8) as u8 } else { 0 }
    };
    let labels = (0..ROWS).map(|row| (row * 7 % 3) as u8).collect();
    Dataset::from_pixels((0..ROWS * D).map(pixel).collect(), labels, 3)
}

fn features<const D: usize>() -> Dataset<D> {
    let values = (0..ROWS * D).map(|index| ((index * 7919) % 1000) as f32 / 500.0 - 1.0).collect();
    Dataset::from_features(values, (0..ROWS).map(|row| (row % 3) as u8).collect(), 3)
}

/// A step without momentum, which moves each weight by its gradient.
fn plain_step() -> Update {
    let step = Step::Nesterov(NesterovStep { learning_rate: 1.0, momentum: 0.0, l2: 0.0 });
    Update { step, average_decay: None }
}

/// All tensors of a network after a step against the gradient.
fn descend<M: Parameters>(mut network: M, mut gradients: Gradients<f32, Cpu>) -> Vec<f32> {
    let mut moved = Vec::new();
    network.visit_tensors(&mut |_, trainable, tensor| {
        let mut values = tensor.values();
        if trainable {
            let gradient = tensor.gradient(&mut gradients).unwrap();
            values.iter_mut().zip(gradient).for_each(|(value, gradient)| *value -= gradient);
        }
        moved.extend(values);
    });
    moved
}

/// What comes of a batch on a tape, and all tensors after a step against the gradient.
fn on_tape<M: Classifier<D, C>, const D: usize, const C: usize>(
    network: &M,
    data: &Dataset<D>,
    rows: &[usize],
) -> (Tally, Vec<f32>) {
    let mut network = network.clone();
    let device = Cpu::seed_from_u64(5);
    let (x, labels) = data.batch(rows, &device);
    let logits = network.forward_mut(Constant(x.traced(network.alloc_grads())));
    let BatchLoss { loss, correct } = BatchLoss::multiclass(logits, &labels).unwrap();
    let count = rows.len();
    let tally = Tally { loss_sum: f64::from(loss.array()) * count as f64, correct, count };
    (tally, descend(network, loss.backward()))
}

/// The same, fused.
fn fused<M: Classifier<D, C>, const D: usize, const C: usize>(
    network: &M,
    data: &Dataset<D>,
    rows: &[usize],
    threads: usize,
) -> (Tally, Vec<f32>) {
    let mut fused = FusedNetwork::with_team(&network.layers(), data, 40, threads, false);
    let mut values = copy_out(network);
    let mut velocities = vec![0.0; trainable_parameters(network)];
    let mut tensors =
        FlatParameters { values: &mut values, average: &mut [], optimizer_state: [&mut velocities, &mut []] };
    fused.load(&mut tensors);
    let device = Cpu::seed_from_u64(5);
    let batch = Batch { source: data, rows };
    let tally = fused.forward_backward(batch, &device);
    fused.update(batch, plain_step());
    fused.store(&mut tensors);
    (tally, values)
}

/// Compares both ways for batches of several sizes, and any number of threads with one.
fn agrees<M: Classifier<D, C>, const D: usize, const C: usize>(network: &M, data: &Dataset<D>) {
    for batch in [1, 2, 17, 40] {
        let rows: Vec<usize> = (0..batch).map(|row| (row * 31) % ROWS).collect();
        let (tape_tally, tape) = on_tape(network, data, &rows);
        let (tally, ours) = fused(network, data, &rows, 1);
        assert!((tally.loss() - tape_tally.loss()).abs() < 1e-5, "batch {batch}: {tally:?}, not {tape_tally:?}");
        assert_eq!((tally.correct, tally.count), (tape_tally.correct, batch), "batch {batch}");
        assert_eq!(ours.len(), tape.len());
        let largest = tape.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (index, (ours, tape)) in ours.iter().zip(&tape).enumerate() {
            assert!((ours - tape).abs() < 2e-5 * largest, "batch {batch}, value {index}: {ours}, not {tape}");
        }
        let moved = ours.iter().zip(copy_out(network)).filter(|(after, before)| **after != *before).count();
        assert!(moved > 10, "batch {batch}: only {moved} values moved");
        for threads in [2, 3, 5] {
            let (shared_tally, shared) = fused(network, data, &rows, threads);
            assert_eq!(shared_tally, tally, "batch {batch}, {threads} threads");
            let same = shared.iter().zip(&ours).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "batch {batch}, {threads} threads");
        }
    }
}

/// A network whose biases, scales and statistics are not those that it was built with.
fn shaken<M: Classifier<D, C>, const D: usize, const C: usize>(mut network: M) -> M {
    let mut values = copy_out(&network);
    let shake = |(index, value): (usize, &mut f32)| *value = (*value + ((index * 31) % 17) as f32 / 100.0).abs() - 0.05;
    values.iter_mut().enumerate().filter(|(_, value)| **value == 0.0 || **value == 1.0).for_each(shake);
    copy_in(&mut network, &values);
    network
}

#[test]
fn plain_networks_agree() {
    let network = shaken(build::<(Hidden<784, 100>, Hidden<100, 100>, Hidden<100, 20>, Linear<20, 3>)>(1));
    agrees(&network, &pixels());
    agrees(&shaken(build::<(Hidden<30, 10>, Linear<10, 3>)>(2)), &features());
    agrees(&build::<(Linear<100, 3>,)>(3), &features());
}

#[test]
fn as_many_classes_as_two_threads_share_agree() {
    agrees(&shaken(build::<(Hidden<30, 40>, Linear<40, 47>)>(15)), &features());
    agrees(&shaken(build::<(Linear<784, 47>,)>(16)), &pixels());
}

#[test]
fn batch_normalisation_agrees() {
    let network =
        build::<(NormalisedHidden<784, 50>, NormalisedHidden<50, 33>, NormalisedHidden<33, 16>, Linear<16, 3>)>(4);
    agrees(&shaken(network), &pixels());
}

#[test]
fn dropout_agrees() {
    let network = build::<(DropoutHidden<784, 50>, DropoutHidden<50, 33>, (Dropout, Linear<33, 3>))>(5);
    agrees(&shaken(network), &pixels());
    agrees(&shaken(build::<(DropoutHidden<31, 50>, (Dropout, Linear<50, 3>))>(6)), &features());
}

#[test]
fn all_layers_together_agree() {
    type Layer<const I: usize, const O: usize> = (Dropout, Linear<I, O>, BatchNorm<O>, Activation);
    let mut network: (Layer<784, 40>, Layer<40, 30>, Layer<30, 20>, (Dropout, Linear<20, 3>)) = build(7);
    network.0.3 = Activation::Relu;
    network.1.3 = Activation::LeakyRelu { slope: 0.1 };
    network.2.3 = Activation::Logistic;
    network.1.0.rate = 0.0;
    agrees(&shaken(network), &pixels());
}

#[test]
fn frozen_layers_agree() {
    let (h1, h2): (Hidden<784, 50>, Hidden<50, 20>) = build(8);
    let network = (Frozen((h1, h2)), build::<Hidden<20, 20>>(9), build::<Linear<20, 3>>(10));
    agrees(&shaken(network), &pixels());
    let network = (Frozen(build::<Hidden<20, 20>>(11)), build::<(Dropout, Linear<20, 3>)>(12));
    agrees(&shaken(network), &features());
}

type Tower<const O: usize> = (Hidden<784, 40>, Hidden<40, O>);

fn pairs() -> Vec<Pair> {
    let relation = |index: usize| if index.is_multiple_of(3) { Relation::Same } else { Relation::Different };
    (0..40).map(|at| Pair { first: at, second: (at * 31 + 7) % ROWS, relation: relation(at) }).collect()
}

/// What comes of a batch of pairs and all values after a step, fused.
fn fused_pairs<M: Comparer>(network: &M, images: &Dataset<784>, pairs: &[Pair]) -> (Tally, Vec<f32>) {
    let mut fused = FusedPair::new(network.layers(), images, pairs.len(), false);
    let (mut values, mut velocities) = (copy_out(network), vec![0.0; trainable_parameters(network)]);
    let mut tensors =
        FlatParameters { values: &mut values, average: &mut [], optimizer_state: [&mut velocities, &mut []] };
    fused.load(&mut tensors);
    let tally = fused.forward_backward(pairs, &Cpu::seed_from_u64(5));
    fused.update(pairs, plain_step());
    fused.store(&mut tensors);
    (tally, values)
}

fn pairs_agree<M: Comparer>(network: &M, images: &Dataset<784>) {
    let (pairs, device) = (pairs(), Cpu::default());
    let rows = |row: fn(&Pair) -> usize| pairs.iter().map(row).collect::<Vec<_>>();
    let [first, second] =
        [rows(|pair| pair.first), rows(|pair| pair.second)].map(|rows| images.batch(&rows, &device).0);
    let labels: Vec<u8> = pairs.iter().map(|pair| pair.relation.label()).collect();
    let mut on_tape = network.clone();
    let logits = on_tape.forward_mut(Constant((first.traced(network.alloc_grads()), second)));
    let expected: Vec<f32> = logits.as_vec();
    let BatchLoss { loss, correct } = BatchLoss::binary(logits, &labels).unwrap();
    let mean = f64::from(loss.array());
    let tape = descend(on_tape, loss.backward());

    let (tally, ours) = fused_pairs(network, images, &pairs);
    assert!((tally.loss() - mean).abs() < 1e-5 && tally.correct == correct, "{tally:?}, not {mean} and {correct}");
    assert_eq!(ours.len(), tape.len());
    let largest = tape.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for (index, (ours, tape)) in ours.iter().zip(&tape).enumerate() {
        assert!((ours - tape).abs() < 2e-5 * largest, "value {index}: {ours}, not {tape}");
    }
    let before = copy_out(network);
    for part in [0..784 * 40, tape.len() / 2 - 100..tape.len() / 2 + 100, tape.len() - 10..tape.len()] {
        assert!(part.clone().any(|index| ours[index] != before[index]), "no value moved among {part:?}");
    }
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| fused_pairs(network, images, &pairs)), (tally, ours));

    let mut logits = Vec::new();
    let mut values = copy_out(network);
    FusedPair::for_inference(network.layers(), &mut values, images, 40).logits(&pairs, |logit| logits.push(logit));
    assert!(logits.iter().zip(&expected).all(|(ours, tape)| (ours - tape).abs() < 1e-5), "{logits:?}");
}

#[test]
fn pairs_agree_under_both_heads() {
    pairs_agree(&build::<PairNetwork<Tower<100>, Tower<100>, Linear<200, 1>>>(13), &pixels());
    pairs_agree(&build::<PairNetwork<Tower<100>, Tower<100>, (Hidden<200, 10>, Linear<10, 1>)>>(14), &pixels());
}

#[test]
fn pairs_agree_through_a_shared_tower() {
    pairs_agree(&build::<Siamese<Tower<100>, Linear<100, 1>>>(18), &pixels());
    pairs_agree(&build::<Siamese<Tower<100>, (Hidden<100, 10>, Linear<10, 1>)>>(19), &features());
}

#[test]
fn pairs_of_features_agree() {
    pairs_agree(&build::<PairNetwork<Tower<100>, Tower<100>, Linear<200, 1>>>(17), &features());
}
