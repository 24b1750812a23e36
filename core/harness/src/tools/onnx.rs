//! A trained network as an ONNX file.

use std::path::PathBuf;

use anyhow::Context;
use ch11_core::data::PIXELS;
use ch11_core::nets::Classifier;
use ch11_core::shown;
use dfdx::prelude::{BuildModule, Cpu};

use super::trained::{NetworkArgs, Trained};
use crate::cli::{Console, Exercise};
use crate::onnx;

pub(super) const HELP: &str = "\
The file has one input, `images` (n, 784) from 0 to 1, row after row, and one output, `logits` (n, classes); softmax makes \
probabilities of them. FILE may be a link, which is followed; a device or a pipe is refused.

Example, and what reads it in Python:
  BINARY onnx network.onnx
  onnxruntime.InferenceSession(\"network.onnx\").run([\"logits\"], {\"images\": images})";

/// The flags of `onnx`.
#[derive(Debug, Clone, clap::Args)]
pub struct OnnxArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    network: NetworkArgs,
}

/// Writes the network that the exercise has trained.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &OnnxArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(false);
    let Trained::<M> { network, path, dataset } = Trained::read(exercise, &args.network)?;
    console.notice(format_args!("network: {}, trained on {dataset}", shown(&path)));
    let (first, last) = (exercise.digits.start(), exercise.digits.end());
    let doc = format!("The logits of the digits {first} to {last}; trained on {dataset}");
    onnx::write::<M, PIXELS, CLASSES>(&args.file, &network, &doc)
        .context("cannot write the network; name another file")?;
    console.result(format_args!("The network is in {}.", shown(&args.file)));
    console.check().context("cannot say on stdout where the network is, but it is there; write to another place")
}
