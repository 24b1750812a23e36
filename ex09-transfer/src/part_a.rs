//! 9a. Reuse the hidden layers of exercise 8's network, freeze them, and put a new output layer on top.

use ch11_core::nets::{Frozen, Hidden, Linear, Summary, build};
use ch11_harness::cli::Session;
use serde_json::json;

use crate::pretrained::Pretrained;

/// The five hidden layers, frozen, under a new output layer of one logit per digit from 5 to 9.
///
/// Freezing is a type: no optimizer changes a [`Frozen`] layer, and no gradient reaches it.
pub type OnFiveFrozen = (
    Frozen<Hidden<784, 100>>,
    Frozen<Hidden<100, 100>>,
    Frozen<Hidden<100, 100>>,
    Frozen<Hidden<100, 100>>,
    Frozen<Hidden<100, 100>>,
    Linear<100, 5>,
);

/// Takes the network apart, drops its output layer, and puts a new one, drawn from `seed`, on the frozen rest.
pub fn on_five_frozen(pretrained: &Pretrained, seed: u64) -> OnFiveFrozen {
    let (h1, h2, h3, h4, h5, _output) = pretrained.clone();
    (Frozen(h1), Frozen(h2), Frozen(h3), Frozen(h4), Frozen(h5), build(seed))
}

/// Shows the network.
pub fn run(session: &mut Session, pretrained: &Pretrained) {
    let summary = Summary::of(&on_five_frozen(pretrained, session.args.seed));
    let findings = session.begin("9a", "Exercise 8's hidden layers, frozen, under a new output layer");
    session.conclude(findings.values(json!(summary)).network(summary));
}
