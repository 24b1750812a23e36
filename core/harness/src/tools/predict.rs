//! Recognising digits in picture files.

use std::fmt::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use dfdx::prelude::{BuildModule, Cpu};
use serde_json::{Map, Value, json};

use super::trained::{NetworkArgs, Trained};
use crate::Error;
use crate::cli::{Console, Exercise};
use crate::picture::Ink;
use ch11_core::data::{Dataset, PIXELS};
use ch11_core::metrics::probabilities;
use ch11_core::nets::Classifier;
use ch11_core::shown;

pub(super) const HELP: &str = "\
Each picture shows one digit, light on dark or dark on light. It is a PNG or JPEG file of up to 24 million pixels, \
grey or coloured, with or without transparent parts. Photographs and scans may have shade and noise, a frame or ruled \
lines: what stands out from the paper is taken for ink, and its main strokes for the digit. They are brought into \
MNIST's form: scaled to 20 pixels on their longer side, with their centre of mass in the middle of 28 x 28 pixels.

If a picture shows no digit, or several, its answer says so, and its `digit` is null in the JSON document. All other \
pictures are answered, but the exit status is 1.

Examples:
  BINARY predict seven.png
  BINARY predict *.png --json";

/// The width of the widest bar, in characters.
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

/// Recognises the digits in the pictures.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &PredictArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(args.json);
    let Trained::<M> { network, path: network_path, dataset } = Trained::read(exercise, &args.network)?;
    console.notice(format_args!("network: {}, trained on {dataset}", shown(&network_path)));
    // All files are read first, so that one that is not a picture is an error before anything is shown.
    let digits = args.files.iter().map(|file| Ok((file, read(file)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let (mut pictures, mut unclear) = (Vec::new(), Vec::new());
    for (file, digit) in digits {
        let (name, path) = (shown(file), file.to_string_lossy());
        match digit {
            Seen::Digit(pixels) => {
                let probabilities = probabilities(&network, &Dataset::from_pixels(pixels, vec![0], CLASSES));
                if !probabilities.iter().all(|probability| probability.is_finite()) {
                    return Err(too_large(exercise, &network_path, &name));
                }
                console.result(format_args!("{name}: {}", chart(&exercise.digits, &probabilities)));
                pictures.push(document(&path, &exercise.digits, &probabilities));
            }
            Seen::Unclear { found, error } => {
                console.result(format_args!("{name}: cannot tell, found {found}"));
                pictures.push(json!({ "file": path, "digit": null, "probabilities": null, "found": found }));
                unclear.push((name, error));
            }
        }
    }
    let document = json!({
        "exercise": exercise.number,
        "network": network_path.to_string_lossy(),
        "trained_on": dataset,
        "pictures": pictures,
    });
    console.finish(&document).context("cannot write the results to stdout; write them elsewhere")?;
    all_told(unclear, args.files.len())
}

/// Returns the error that a network has no finite logits for a picture.
fn too_large(exercise: &Exercise, network: &Path, picture: &str) -> anyhow::Error {
    anyhow!(
        "{}: found weights so large that the logits of {picture} are not finite; train the network again ({}), or name \
         the run folder and the seed of another with --out and --seed",
        shown(network),
        exercise.command
    )
}

/// What a picture shows.
enum Seen {
    /// The pixels of a digit, in MNIST's form.
    Digit(Vec<u8>),
    /// No digit, or several.
    Unclear { found: String, error: Error },
}

/// Reads a picture.
fn read(file: &Path) -> anyhow::Result<Seen> {
    let ink = match Ink::read(file) {
        Ok(ink) => ink,
        Err(error) => {
            let Error::NotOneDigit { found, .. } = &error else { return Err(error.into()) };
            return Ok(Seen::Unclear { found: found.clone(), error });
        }
    };
    let pixels = ink
        .normalised()
        .with_context(|| format!("{}: found no strokes, expected a digit; take a clearer picture", shown(file)))?;
    Ok(Seen::Digit(pixels.to_vec()))
}

/// Fails if pictures were left without an answer, and names them.
fn all_told(mut unclear: Vec<(String, Error)>, count: usize) -> anyhow::Result<()> {
    match unclear.len() {
        0 => Ok(()),
        1 => Err(unclear.remove(0).1.into()),
        some => {
            let names: Vec<String> = unclear.into_iter().map(|(name, _)| name).collect();
            bail!(
                "{some} of {count} pictures show no digit, or several: {}; take pictures of one digit each",
                names.join(", ")
            )
        }
    }
}

/// Pairs each digit with its probability, and returns the most probable digit, too.
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
