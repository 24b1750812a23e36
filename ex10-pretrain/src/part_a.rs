//! 10a. Two networks side by side, one for each image of a pair, whose outputs are concatenated under a head.

use ch11_core::nets::{Hidden, HiddenLayers, Linear, PairNetwork, Siamese, Summary, build};
use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use serde_json::json;

/// The exercise as it is printed: DNN A and DNN B, which are the hidden layers of the chapter's network, `(n, 784) -> (n, 100)`, and one
/// logistic neuron on the concatenation.
pub type SingleOutput = PairNetwork<HiddenLayers, HiddenLayers, Linear<200, 1>>;

/// The exercise repaired: a hidden layer of 10 neurons between the concatenation and the logistic neuron.
pub type HiddenHead = PairNetwork<HiddenLayers, HiddenLayers, (Hidden<200, 10>, Linear<10, 1>)>;

/// Not in the exercise: one network for both images, and one logistic neuron on `|a - b|`, the distance of its outputs feature by feature.
pub type DistanceHead = Siamese<HiddenLayers, Linear<100, 1>>;

/// Shows the networks that the exercise asks for, which differ in their heads alone.
pub fn run(session: &mut Session) {
    let seed = session.args.seed;
    let (single, hidden) = (Summary::of(&build::<SingleOutput>(seed)), Summary::of(&build::<HiddenHead>(seed)));
    let title = "DNN A and DNN B, side by side, under a head with a hidden layer of 10 neurons";
    let parameters = thousands(single.parameters);
    let findings = session
        .begin("10a", title)
        .value("single_output", json!(single))
        .value("hidden", json!(hidden))
        .network(hidden)
        .remark(format!(
            "As the exercise is printed, the head is one logistic neuron: weight [1, 200], bias [1], and {parameters} parameters in all."
        ));
    session.conclude(findings);
}
