//! Writes networks of every kind as ONNX, and their logits of drawn digits as safetensors, for another program to compare:
//! `cargo run -p ch11-harness --example onnx -- FOLDER`.
//!
//! `layers` has every kind of layer; `apart` and `shared` compare two images, through two towers or through one.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::bail;
use ch11_core::checkpoint::weights::{Floats, write_floats};
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::data::{Dataset, Digits, PIXELS};
use ch11_core::metrics::logits;
use ch11_core::nets::{
    Activation, BatchNorm, Comparer, Dropout, Frozen, Hidden, HiddenLayers, Linear, PairNetwork, Siamese, build,
};
use ch11_core::train::{Recipe, Unattended, fit};
use ch11_harness::onnx;
use dfdx::prelude::Cpu;

type Layers = (Frozen<Hidden<PIXELS, 50>>, (Dropout, Linear<50, 30>, BatchNorm<30>, Activation), Linear<30, 10>);
type Apart = PairNetwork<HiddenLayers, HiddenLayers, (Hidden<200, 10>, Linear<10, 1>)>;
type Shared = Siamese<HiddenLayers, Linear<100, 1>>;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder] = &arguments[..] else { bail!("usage: onnx FOLDER") };
    let digits = DrawnDigits { size: Size { training: 2_400, test: 300 }, seed: 1 }.draw();
    write_layers(folder, &digits)?;
    write_pair(folder, "apart", &build::<Apart>(1), &digits.test)?;
    write_pair(folder, "shared", &build::<Shared>(1), &digits.test)
}

fn write_layers(folder: &Path, digits: &Digits) -> anyhow::Result<()> {
    let mut network: Layers = build(1);
    network.1.0.rate = 0.1;
    network.1.3 = Activation::LeakyRelu { slope: 0.1 };
    // So that batch normalisation has statistics of its own.
    let settings =
        Recipe { learning_rate: 0.01, epochs: NonZeroUsize::MIN.saturating_add(9), ..Recipe::DEEP_NET }.seeded(1);
    let network = fit(network, &digits.train, &digits.validation, &settings, None, &mut Unattended)?.network;
    onnx::write::<Layers, PIXELS, 10>(&folder.join("layers.onnx"), &network, "The logits of ten drawn digits")?;

    let test = &digits.test;
    let images = pixels(test, 0..test.len());
    let labels: Vec<f32> = test.labels().iter().map(|&label| label.into()).collect();
    let tensors = [
        Floats { name: "images", shape: &[test.len(), PIXELS], values: &images },
        Floats { name: "labels", shape: &[test.len()], values: &labels },
        Floats { name: "logits", shape: &[test.len(), 10], values: &logits(&network, test) },
    ];
    Ok(write_floats(&folder.join("layers.safetensors"), &tensors, None)?)
}

/// Writes a network, and its logits of the first half of the images, each beside one of the second half.
fn write_pair<M: Comparer>(folder: &Path, name: &str, network: &M, test: &Dataset<PIXELS>) -> anyhow::Result<()> {
    onnx::write_pair(&folder.join(format!("{name}.onnx")), network, "Above 0, the two images show different digits")?;
    let half = test.len() / 2;
    let rows = |from: usize| (from..from + half).collect::<Vec<_>>();
    let device = Cpu::default();
    let logits = network.try_forward((test.batch(&rows(0), &device).0, test.batch(&rows(half), &device).0))?.as_vec();
    let [first, second] = [0, half].map(|from| pixels(test, from..from + half));
    let tensors = [
        Floats { name: "first", shape: &[half, PIXELS], values: &first },
        Floats { name: "second", shape: &[half, PIXELS], values: &second },
        Floats { name: "logits", shape: &[half, 1], values: &logits },
    ];
    Ok(write_floats(&folder.join(format!("{name}.safetensors")), &tensors, None)?)
}

fn pixels(images: &Dataset<PIXELS>, rows: std::ops::Range<usize>) -> Vec<f32> {
    let mut pixels = Vec::new();
    images.gather(&rows.collect::<Vec<_>>(), &mut pixels);
    pixels
}
