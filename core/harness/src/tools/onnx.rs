//! A trained network as an ONNX file.

use std::path::PathBuf;

use anyhow::Context;
use ch11_core::nets::Structure;
use ch11_core::shown;
use ch11_core::train::Checkpoint;

use super::trained::{NetworkArgs, unusable};
use crate::cli::{Console, Exercise};
use crate::onnx;

pub(super) const HELP: &str = "\
The file has one input, `images` (n, 784) from 0 to 1, row after row, and one output, `logits` (n, classes); softmax makes \
probabilities of them. A network that compares two images, such as exercise 10's pairs_hidden, has two inputs, `first` and \
`second`; a logit above 0 says that they show different digits. FILE may be a link, which is followed; a device or a pipe is \
refused.

Examples, and what reads the first one in Python:
  BINARY onnx network.onnx
  BINARY onnx network.onnx --fit FIT
  onnxruntime.InferenceSession(\"network.onnx\").run([\"logits\"], {\"images\": images})";

/// The flags of `onnx`.
#[derive(Debug, Clone, clap::Args)]
pub struct OnnxArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The fit whose network to write: the name of its folder in the run folder [default: the one that `draw` takes]
    #[arg(long, value_name = "NAME")]
    fit: Option<String>,

    #[command(flatten)]
    network: NetworkArgs,
}

/// Writes a network that the exercise has trained.
pub(super) fn run(exercise: &Exercise, args: &OnnxArgs) -> anyhow::Result<()> {
    let console = Console::new(false);
    let path = match &args.fit {
        Some(fit) => args.network.find(exercise, &[fit])?,
        None => args.network.find(exercise, exercise.fits)?,
    };
    let (structure, Checkpoint { tensors, fit, .. }) = Checkpoint::read(&path).with_context(|| unusable(exercise))?;
    let dataset = fit.dataset;
    console.notice(format_args!("network: {}, trained on {dataset}", shown(&path)));
    let logits = match &structure {
        Structure::Sequence(_) => {
            let (first, last) = (exercise.digits.start(), exercise.digits.end());
            format!("The logits of the digits {first} to {last}")
        }
        Structure::Pair(_) => "Above 0, the two images show different digits".to_owned(),
    };
    onnx::write_structure(&args.file, &structure, tensors, &format!("{logits}; trained on {dataset}"))
        .context("cannot write the network; name another file")?;
    console.result(format_args!("The network is in {}.", shown(&args.file)));
    console.check().context("cannot write to stdout, but the network is written; send the output elsewhere")
}
