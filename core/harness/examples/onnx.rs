//! Writes a network with every kind of layer as ONNX, and its logits of drawn digits as safetensors, for another program to compare:
//! `cargo run -p ch11-harness --example onnx -- network.onnx logits.safetensors`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::bail;
use ch11_core::checkpoint::weights::{Floats, write_floats};
use ch11_core::data::PIXELS;
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::metrics::logits;
use ch11_core::nets::{Activation, BatchNorm, Dropout, Frozen, Hidden, Linear, build};
use ch11_core::train::{Recipe, Unattended, fit};
use ch11_harness::onnx;

type Network = (Frozen<Hidden<PIXELS, 50>>, (Dropout, Linear<50, 30>, BatchNorm<30>, Activation), Linear<30, 10>);

fn main() -> anyhow::Result<()> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [network_file, logits_file] = &files[..] else { bail!("usage: onnx NETWORK LOGITS") };
    let digits = DrawnDigits { size: Size { training: 2_400, test: 300 }, seed: 1 }.draw();
    let mut network: Network = build(1);
    network.1.0.rate = 0.1;
    network.1.3 = Activation::LeakyRelu { slope: 0.1 };
    // So that batch normalisation has statistics of its own.
    let settings =
        Recipe { learning_rate: 0.01, epochs: NonZeroUsize::MIN.saturating_add(9), ..Recipe::DEEP_NET }.seeded(1);
    let network = fit(network, &digits.train, &digits.validation, &settings, None, &mut Unattended)?.network;
    onnx::write::<Network, PIXELS, 10>(network_file, &network, "The logits of ten drawn digits")?;

    let count = digits.test.len();
    let mut images = Vec::new();
    digits.test.gather(&(0..count).collect::<Vec<_>>(), &mut images);
    let labels: Vec<f32> = digits.test.labels().iter().map(|&label| label.into()).collect();
    let tensors = [
        Floats { name: "images", shape: &[count, PIXELS], values: &images },
        Floats { name: "labels", shape: &[count], values: &labels },
        Floats { name: "logits", shape: &[count, 10], values: &logits(&network, &digits.test) },
    ];
    write_floats(logits_file, &tensors, None)?;
    println!("{} test digits in {}", count, ch11_core::shown(logits_file));
    Ok(())
}
