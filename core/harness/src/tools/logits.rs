//! The logits of a trained network for the test images, for other programs to compare with theirs.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, bail};
use dfdx::prelude::{BuildModule, Cpu};

use super::trained::{NetworkArgs, Trained};
use crate::cli::{Console, DataArgs, Exercise, Interrupt};
use ch11_core::checkpoint::weights::{Floats, write_floats};
use ch11_core::data::PIXELS;
use ch11_core::metrics::logits;
use ch11_core::nets::Classifier;
use ch11_core::shown;

pub(super) const HELP: &str = "\
The file is safetensors: `images` (n, 784) from 0 to 1, `labels` (n) from 0, and `logits` (n, classes), all floats. \
FILE may be a link, which is followed; a device or a pipe is refused.

Example:
  BINARY logits logits.safetensors --first 100";

/// The flags of `logits`.
#[derive(Debug, Clone, clap::Args)]
pub struct LogitsArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How many test images, from the first on [default: all]
    #[arg(long, value_name = "N")]
    first: Option<NonZeroUsize>,

    #[command(flatten)]
    network: NetworkArgs,

    /// Where digits come from
    #[command(flatten)]
    data: DataArgs,
}

/// Writes the test images of the exercise, their labels and their logits.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &LogitsArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(false);
    let Trained::<M> { network, path, dataset } = Trained::read(exercise, &args.network)?;
    console.notice(format_args!("network: {}, trained on {dataset}", shown(&path)));
    let interrupt = Interrupt::listen();
    let digits = console.load_digits(&args.data.request(false), &interrupt)?.only(exercise.digits.clone());
    let count = args.first.map_or(digits.test.len(), |first| digits.test.len().min(first.get()));
    if count == 0 {
        bail!("{}, {}: found no test images of these digits; take another data set", digits.source, digits.origin);
    }
    let rows: Vec<usize> = (0..count).collect();
    let test = digits.test.select(&rows);
    let mut images = Vec::new();
    test.gather(&rows, &mut images);
    let logits = logits(&network, &test);
    interrupt.check()?;
    let tensors = [
        Floats { name: "images", shape: &[count, PIXELS], values: &images },
        Floats {
            name: "labels",
            shape: &[count],
            values: &test.labels().iter().map(|&it| it.into()).collect::<Vec<_>>(),
        },
        Floats { name: "logits", shape: &[count, CLASSES], values: &logits },
    ];
    write_floats(&args.file, &tensors, None).context("cannot write the logits; name another file")?;
    console.result(format_args!("{count} test images of {} are in {}.", digits.source, shown(&args.file)));
    console.check().context("cannot write to stdout, but the logits are written; send the output elsewhere")
}
