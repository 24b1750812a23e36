//! 9c. Cache what the frozen layers make of the images, and train the same output layer on that: how much faster is it?

use anyhow::ensure;
use ch11_core::nets::{Frozen, HiddenLayers, Linear, build, export_tensors};
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, Row, SpeedUps, Tested};

use crate::few_images::{Drawn, FewImages};
use crate::part_a::OnFiveFrozen;
use crate::pretrained::Pretrained;
use crate::recipes::{OUTPUT_LAYER, fits};

/// The name of the fit.
pub const FIT: &str = "cached5";

const NOTEBOOK_ACCURACY: f64 = 0.612;

/// Trains the output layer on the 100 cached features; part f does so with another network.
pub fn train(
    session: &Session,
    fit: &str,
    recipe: Recipe,
    networks: &[Pretrained],
    images: FewImages,
) -> anyhow::Result<Vec<Tested<Pretrained>>> {
    fits(session, fit, recipe, images).each_seed_from(networks, |run, network| {
        let Drawn { train, validation, test } = images.draw(&session.digits, run.seed);
        let (frozen, output) = on_cache(network, run.seed);
        run.fit_on_cache(&frozen, (output, |output| whole(&frozen, output)), &train, &validation, test)
    })
}

/// Takes the network apart: into its hidden layers, frozen, and a new output layer, drawn from `seed`.
pub fn on_cache(network: &Pretrained, seed: u64) -> (Frozen<HiddenLayers>, (Linear<100, 5>,)) {
    let (h1, h2, h3, h4, h5, _output) = network.clone();
    (Frozen((h1, h2, h3, h4, h5)), (build(seed),))
}

/// Puts the two together.
pub fn whole(frozen: &Frozen<HiddenLayers>, (output,): (Linear<100, 5>,)) -> Pretrained {
    let Frozen((h1, h2, h3, h4, h5)) = frozen.clone();
    (h1, h2, h3, h4, h5, output)
}

/// Checks that the weights end bit for bit as in part b, and says how much faster they did.
pub fn run(
    session: &Session,
    networks: &[Pretrained],
    images: FewImages,
    uncached: &[Tested<OnFiveFrozen>],
) -> anyhow::Result<Findings> {
    let cached = train(session, FIT, OUTPUT_LAYER, networks, images)?;
    uncached.iter().zip(&cached).try_for_each(|(uncached, cached)| must_be_same(uncached, cached))?;
    let row = Row::of("five frozen, cached", &cached).key(FIT).notebook(NOTEBOOK_ACCURACY);
    let speed_ups = SpeedUps::of(uncached, &cached);
    let paid_back = "The dot marks the epoch in which the cache has paid for itself.";
    let findings = Findings::new("9c", "When the cache has paid for itself")
        .rows([row])
        .say(format!("The same weights, bit for bit. {}", speed_ups.sentence()))
        .value("speedup", speed_ups.to_json());
    Ok(match speed_ups.plot() {
        Some(plot) => findings.plots(paid_back, vec![plot]),
        None => findings,
    })
}

/// Checks that a fit with the cache ended in the weights of the fit without it.
fn must_be_same(uncached: &Tested<OnFiveFrozen>, cached: &Tested<Pretrained>) -> anyhow::Result<()> {
    let ((.., output), (.., uncached_output)) = (cached.fitted.network.clone(), uncached.fitted.network.clone());
    let same = export_tensors(&(output,)) == export_tensors(&(uncached_output,));
    ensure!(
        same && cached.fitted.history == uncached.fitted.history,
        "9c: the weights differ from those trained without the cache; please report this"
    );
    Ok(())
}
