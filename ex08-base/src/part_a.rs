//! 8a. Build a network of five hidden layers of 100 neurons each, with He initialisation and ELU.

use ch11_core::nets::{Hidden, Linear, Summary, build};
use ch11_harness::cli::Session;
use ch11_harness::report::Section;

/// One class per digit from 0 to 4.
pub const CLASSES: usize = 5;

/// The network of exercise 8, from pixels to a logit per digit. Each hidden layer is a linear layer, which starts from He
/// initialisation, and ELU.
pub type Network =
    (Hidden<784, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Linear<100, CLASSES>);

/// Shows the network.
pub fn run(session: &mut Session) -> anyhow::Result<()> {
    let network: Network = build(session.args.seed);
    let summary = Summary::of(&network);
    session.print(format_args!("\n8a. The network: {}, ELU, He initialisation", summary.widths()));
    session.print(&summary);
    session.report.add(Section::new("8a. The network").network(&summary));
    session.add_part("a", serde_json::to_value(summary)?);
    Ok(())
}
