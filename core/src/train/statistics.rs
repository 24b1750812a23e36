//! The statistics by which batch normalisation infers, measured for the weights that infer.
//!
//! The running statistics of training belong to the weights of the last steps. An average of the weights has others, as
//! [Izmailov et al., 2018](https://arxiv.org/abs/1803.05407) say of theirs (section 3.2): they are measured anew, on
//! training instances, after the weights are averaged.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::data::{Augmentation, Dataset, Drawn, PIXELS, Pair, PairSource};
use crate::fused::{Batch, FlatParameters, FusedNetwork, FusedPair, FusedTask};
use crate::nets::{AnyNetwork, Layer, PairLayers, copy_in, copy_out};

/// The most instances that are measured, in one batch: more than the last steps that running statistics remember.
const MEASURED: usize = 2_000;

/// Measures the statistics of a network of these layers on training rows, as far apart as they can be.
///
/// What is distorted in training is distorted here, always alike.
pub(super) fn measure<const D: usize>(
    network: &mut dyn AnyNetwork,
    layers: Vec<Layer>,
    data: &Dataset<D>,
    augmentation: Augmentation,
) {
    let Some(layers) = measuring(layers) else { return };
    let count = MEASURED.min(data.len());
    let rows: Vec<usize> = (0..count).map(|number| number * data.len() / count).collect();
    let distorted = distorted(data, &rows, augmentation);
    let (data, rows) = distorted.as_ref().map_or((data, rows), |data| (data, (0..count).collect()));
    let mut fused = FusedNetwork::new(&layers, data, count, 1, false);
    with_values(network, |whole| {
        fused.load(whole);
        fused.logits(Batch { source: data, rows: &rows }, |_| ());
        fused.store(whole);
    });
}

/// Measures the statistics of a network that compares two images on pairs of training images.
pub(super) fn measure_on_pairs(
    network: &mut dyn AnyNetwork,
    layers: PairLayers,
    images: &Dataset<PIXELS>,
    source: &PairSource,
    augmentation: Augmentation,
) {
    let mut is_any_measured = false;
    let layers = layers.map(|part| {
        let measuring = measuring(part.clone());
        is_any_measured |= measuring.is_some();
        measuring.unwrap_or(part)
    });
    if !is_any_measured {
        return;
    }
    let mut pairs = source.draw(MEASURED, &mut ChaCha8Rng::seed_from_u64(0));
    let rows: Vec<usize> = pairs.iter().flat_map(|pair| [pair.first, pair.second]).collect();
    let distorted = distorted(images, &rows, augmentation);
    if distorted.is_some() {
        let places = pairs.iter_mut().zip((0..rows.len()).step_by(2));
        places.for_each(|(pair, first)| *pair = Pair { first, second: first + 1, ..*pair });
    }
    let images = distorted.as_ref().unwrap_or(images);
    let mut fused = FusedPair::new(layers, images, pairs.len(), false);
    with_values(network, |whole| {
        fused.load(whole);
        fused.logits(&pairs, |_| ());
        fused.store(whole);
    });
}

/// Distorts these rows, if they are distorted in training.
fn distorted<const D: usize>(data: &Dataset<D>, rows: &[usize], augmentation: Augmentation) -> Option<Dataset<D>> {
    if augmentation.is_off() {
        return None;
    }
    let drawn: Vec<Drawn> = (0..).zip(rows).map(|(seed, &row)| Drawn { row, seed }).collect();
    Some(augmentation.distorter().draw_all(data, &drawn))
}

/// Makes layers whose statistics become those of one batch, from which nothing is dropped; none if there is no batch
/// normalisation that learns.
fn measuring(layers: Vec<Layer>) -> Option<Vec<Layer>> {
    let layers: Vec<Layer> = layers
        .into_iter()
        .filter_map(|layer| match layer {
            Layer::BatchNorm { features, .. } => Some(Layer::BatchNorm { features, momentum: 0.0 }),
            Layer::Dropout { .. } => None,
            other => Some(other),
        })
        .collect();
    layers.iter().any(|layer| matches!(layer, Layer::BatchNorm { .. })).then_some(layers)
}

/// Lends all values of a network, without an optimizer's state or an average.
fn with_values(network: &mut dyn AnyNetwork, pass: impl FnOnce(&mut FlatParameters<'_>)) {
    let mut values = copy_out(network);
    pass(&mut FlatParameters { values: &mut values, average: &mut [], optimizer_state: [&mut [], &mut []] });
    copy_in(network, &values);
}
