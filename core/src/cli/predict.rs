//! Digits from picture files.

use std::fmt::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Context;
use dfdx::prelude::{BuildModule, Cpu};
use serde_json::{Map, Value, json};

use super::tool::Trained;
use super::{Console, Exercise, NetworkArgs};
use crate::data::{Dataset, Ink, PIXELS};
use crate::metrics::probabilities;
use crate::nets::Classifier;

pub(super) const HELP: &str = "\
A picture shows one digit, light on dark or dark on light, as its border tells; PNG or JPEG, of up to 24 million pixels, in colours or grey, \
with transparent parts or without. It is brought into MNIST's form: the strokes are scaled to 20 pixels on their longer \
side, and their centre of mass is put in the middle of 28 x 28 pixels.

Examples:
  BINARY predict seven.png
  BINARY predict *.png --json";

/// The widest bar.
const BAR: usize = 40;

/// The flags of `predict`.
#[derive(Debug, Clone, clap::Args)]
pub struct PredictArgs {
    /// Pictures of one digit each, PNG or JPEG
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    network: NetworkArgs,

    /// Write one JSON document to stdout, and the text to stderr
    #[arg(long)]
    json: bool,
}

/// Tells which digits the pictures show.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &PredictArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(args.json);
    let Trained { network, path, dataset } = exercise.trained::<M, CLASSES>(&args.network)?;
    console.notice(format_args!("network: {}, trained on {dataset}", path.display()));
    // All of them first: a wrong one is an error before anything is shown.
    let digits = args.files.iter().map(|file| Ok((file, read(file)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut pictures = Vec::new();
    for (file, pixels) in digits {
        let picture = Dataset::from_pixels(pixels, vec![0], CLASSES);
        let probabilities = probabilities(&network, &picture);
        console.result(format_args!("{}: {}", file.display(), chart(&exercise.digits, &probabilities)));
        pictures.push(document(&file.display().to_string(), &exercise.digits, &probabilities));
    }
    let document = json!({
        "exercise": exercise.number,
        "network": path.display().to_string(),
        "trained_on": dataset,
        "pictures": pictures,
    });
    console.finish(&document).context("cannot write the results to stdout; write them elsewhere")
}

/// Reads a picture in MNIST's form.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let pixels = Ink::read(file)?
        .normalised()
        .with_context(|| format!("{}: found no strokes, expected a digit; take a clearer picture", file.display()))?;
    Ok(pixels.to_vec())
}

/// Pairs each digit with its probability; the most probable one, too.
fn by_digit(digits: &RangeInclusive<u8>, probabilities: &[f32]) -> (Vec<(u8, f32)>, u8) {
    let pairs: Vec<(u8, f32)> = digits.clone().zip(probabilities.iter().copied()).collect();
    let best = pairs.iter().max_by(|(_, one), (_, other)| one.total_cmp(other)).map_or(*digits.start(), |best| best.0);
    (pairs, best)
}

/// Draws probabilities as bars, under the most probable digit.
fn chart(digits: &RangeInclusive<u8>, probabilities: &[f32]) -> String {
    let (pairs, best) = by_digit(digits, probabilities);
    let mut text = best.to_string();
    for (digit, probability) in pairs {
        let bar = "#".repeat((probability * BAR as f32).round() as usize);
        // Writing into a string cannot fail.
        let _ = write!(text, "\n  {digit}  {bar:<BAR$}  {:6.2} %", 100.0 * probability);
    }
    text
}

fn document(file: &str, digits: &RangeInclusive<u8>, probabilities: &[f32]) -> Value {
    let (pairs, best) = by_digit(digits, probabilities);
    let probabilities: Map<String, Value> =
        pairs.into_iter().map(|(digit, probability)| (digit.to_string(), json!(probability))).collect();
    json!({ "file": file, "digit": best, "probabilities": probabilities })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_probabilities() {
        let expected = [
            "6".to_owned(),
            format!("  5  {:<40}   25.00 %", "#".repeat(10)),
            format!("  6  {:<40}   75.00 %", "#".repeat(30)),
        ];
        assert_eq!(chart(&(5..=6), &[0.25, 0.75]), expected.join("\n"));
        assert_eq!(document("6.png", &(5..=6), &[0.25, 0.75])["probabilities"], json!({ "5": 0.25, "6": 0.75 }));
    }
}
