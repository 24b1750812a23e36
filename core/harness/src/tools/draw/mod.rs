//! A web page that recognises the digits that are drawn on it, with the trained network in it.
//!
//! `normalise.js` does what [`Ink::normalised`](crate::picture::Ink::normalised) does, and `network.js` what the
//! network's own layers do; `.ci/draw` compares both with them in a browser.

use anyhow::{Context, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dfdx::prelude::{BuildModule, Cpu};
use serde::Serialize;
use serde_json::json;

use super::trained::{NetworkArgs, Trained};
use crate::cli::{Console, Exercise};
use ch11_core::data::PIXELS;
use ch11_core::disk::persist;
use ch11_core::nets::{Activation, AnyNetwork, Classifier, Layer, copy_out};
use ch11_core::shown;

pub(super) const HELP: &str = "\
The page is draw.html in the run folder. A browser opens it from disk, and it makes no connections. While you draw, \
it shows the probabilities of the digits, the 28 x 28 pixels that the network sees, and the neurons that fire.

Examples:
  BINARY draw
  BINARY draw --out elsewhere --seed 43";

/// Writes the page in the run folder.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &NetworkArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(false);
    let Trained::<M> { network, path, dataset } = Trained::read(exercise, args)?;
    console.notice(format_args!("network: {}, trained on {dataset}", shown(&path)));
    let page = page(exercise, &network, &network.layers(), &dataset)?;
    let file = exercise.folder(args.out.as_deref()).join("draw.html");
    persist(&file, page.as_bytes())
        .context("cannot write the page; make room for it in the run folder, or name another with --out")?;
    console.result(format_args!("The page is {}: open it in a browser.", shown(file)));
    console.check().context("cannot write to stdout, but the page is written; send the output elsewhere")
}

/// Makes the page for a network with these layers.
fn page(exercise: &Exercise, network: &dyn AnyNetwork, layers: &[Layer], dataset: &str) -> anyhow::Result<String> {
    let layers = dense_layers(layers)?;
    let bytes: Vec<u8> = copy_out(network).into_iter().flat_map(f32::to_le_bytes).collect();
    let model = json!({
        "digits": exercise.digits.clone().collect::<Vec<u8>>(),
        "layers": layers,
        "weights": BASE64_STANDARD.encode(bytes),
    });
    let (first, last) = (exercise.digits.start(), exercise.digits.end());
    // `dataset` names the data and, after a colon, how many images it has. It was read from a file, and is escaped.
    let trained_on = escape(dataset.split(':').next().unwrap_or_default());
    Ok(format!(
        include_str!("page.html"),
        exercise = exercise.number,
        first = first,
        last = last,
        trained_on = trained_on,
        style = include_str!("page.css"),
        // In a script, only `</` and `<!` could mean something else.
        model = model.to_string().replace('<', "\\u003c"),
        normalise = include_str!("normalise.js"),
        network = include_str!("network.js"),
        page = include_str!("page.js"),
    ))
}

/// A linear layer with its activation, for the page.
#[derive(Debug, PartialEq, Serialize)]
struct DenseLayer {
    inputs: usize,
    outputs: usize,
    /// `ELU`, `logistic`, or the slope below 0 of a rectified linear unit; none in the output layer.
    activation: Option<PageActivation>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum PageActivation {
    Named(&'static str),
    Slope(f32),
}

/// Lists linear layers with their activations.
fn dense_layers(layers: &[Layer]) -> anyhow::Result<Vec<DenseLayer>> {
    let mut dense: Vec<DenseLayer> = Vec::new();
    for layer in layers {
        match layer {
            &Layer::Linear { inputs, outputs } => dense.push(DenseLayer { inputs, outputs, activation: None }),
            Layer::Activation(activation) => match dense.last_mut() {
                Some(DenseLayer { activation: none @ None, .. }) => *none = Some(PageActivation::of(*activation)),
                _ => bail!("found an activation without a linear layer before it, expected one; train another network"),
            },
            // Dropout acts in training only.
            Layer::Dropout { .. } => {}
            Layer::Frozen(layers) => dense.extend(dense_layers(layers)?),
            Layer::BatchNorm { .. } => {
                bail!("found batch normalisation, expected linear layers and activations; train another network")
            }
        }
    }
    Ok(dense)
}

impl PageActivation {
    fn of(activation: Activation) -> Self {
        match activation {
            Activation::Elu => Self::Named("ELU"),
            Activation::Logistic => Self::Named("logistic"),
            Activation::Relu => Self::Slope(0.0),
            Activation::LeakyRelu { slope } => Self::Slope(slope),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ch11_core::nets::{DeepNet, Frozen, Hidden, Linear, NormalisedDeepNet, Sequential, build, export_tensors};

    const EXERCISE: Exercise =
        Exercise { number: "8", digits: 0..=4, seeds: "1", fits: &["b"], command: "ex08-base b" };

    #[test]
    fn the_page_holds_every_weight_and_opens_no_connection() {
        let network: DeepNet<5> = build(1);
        let page = page(&EXERCISE, &network, &network.layers(), "a <b> & so on: 5 images").unwrap();
        assert!(page.len() < 3_000_000, "{}", page.len());
        assert!(page.contains("a &lt;b&gt; &amp; so on") && !page.contains("5 images"));
        assert!(page.contains("default-src 'none'") && !page.contains("http:") && !page.contains("https:"));

        let (_, rest) = page.split_once("<script type=\"application/json\" id=\"model\">").unwrap();
        let model: serde_json::Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
        let bytes = BASE64_STANDARD.decode(model["weights"].as_str().unwrap()).unwrap();
        let expected: Vec<u8> =
            export_tensors(&network).into_iter().flat_map(|it| it.values).flat_map(f32::to_le_bytes).collect();
        assert!(bytes == expected, "other weights");
        assert_eq!(model["layers"].as_array().unwrap().len(), 6);
        assert_eq!(model["layers"][0], json!({ "inputs": 784, "outputs": 100, "activation": "ELU" }));
        assert_eq!(model["layers"][5], json!({ "inputs": 100, "outputs": 5, "activation": null }));
        assert_eq!(model["digits"], json!([0, 1, 2, 3, 4]));
    }

    #[test]
    fn frozen_layers_are_layers_and_others_are_refused() {
        let network: (Frozen<Hidden<3, 2>>, Activationless) = (Frozen(build(1)), build(2));
        assert_eq!(dense_layers(&network.layers()).unwrap().len(), 2);
        let slope = Layer::Activation(Activation::LeakyRelu { slope: 0.5 });
        let leaky = dense_layers(&[Layer::Linear { inputs: 3, outputs: 2 }, slope.clone()]).unwrap();
        assert_eq!(leaky, [DenseLayer { inputs: 3, outputs: 2, activation: Some(PageActivation::Slope(0.5)) }]);
        let normalised: NormalisedDeepNet<5> = build(1);
        let error = dense_layers(&normalised.layers()).unwrap_err().to_string();
        assert!(error.contains("found batch normalisation"), "{error}");
        assert!(dense_layers(&[slope]).is_err());
    }

    type Activationless = Linear<2, 2>;
}
