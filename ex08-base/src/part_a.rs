//! 8a. Build a network of five hidden layers of 100 neurons each, with He initialisation and ELU.

use ch11_core::nets::{Hidden, Linear, Summary, build};
use ch11_harness::cli::Session;
use serde_json::json;

/// One class per digit from 0 to 4.
pub const CLASSES: usize = 5;

/// The network of exercise 8, from pixels to a logit per digit. Each hidden layer is a linear layer, which starts from He
/// initialisation (normal as in its paper, not truncated as in TensorFlow), and ELU.
pub type Network =
    (Hidden<784, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Linear<100, CLASSES>);

/// Shows the network.
pub fn run(session: &mut Session) {
    let summary = Summary::of(&build::<Network>(session.args.seed));
    let findings = session.begin("8a", &format!("The network: {}, ELU, He initialisation", summary.widths()));
    session.conclude(findings.values(json!(summary)).network(summary));
}
