//! 8a. Build a network of five hidden layers of 100 neurons each, with He initialisation and ELU.

use ch11_core::cli::Session;
use ch11_core::nets::{DeepNet, Summary, build};

/// The digits 0 to 4.
pub const CLASSES: usize = 5;

/// The network of exercise 8: five hidden layers of 100 ELU neurons, and a logit a digit.
pub type Network = DeepNet<CLASSES>;

/// Shows the network.
pub fn run(session: &mut Session) -> anyhow::Result<()> {
    let network: Network = build(session.args.seed);
    let summary = Summary::of(&network);
    session.result(format_args!(
        "\n8a. The network: {}, ELU, He initialisation",
        summary.widths()
    ));
    session.result(&summary);
    session.add_part("a", serde_json::to_value(summary)?);
    Ok(())
}
