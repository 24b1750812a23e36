//! The network to reuse.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, bail};
use ch11_core::checkpoint::weights;
use ch11_core::cli::{Session, Stage, TrainingDefaults};
use ch11_core::nets::{DeepNet, Frozen, Hidden, Linear, NormalisedDeepNet, build, fold};
use ch11_core::shown;
use ch11_core::train::Checkpoint;

/// The network of exercise 8.
pub type Pretrained = DeepNet<5>;

/// Its hidden layers.
pub type HiddenLayers = (Hidden<784, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>, Hidden<100, 100>);

/// Puts hidden layers that stayed frozen together with the output layer that was trained above them.
pub fn with_output(hidden: &Frozen<HiddenLayers>, (output,): (Linear<100, 5>,)) -> Pretrained {
    let Frozen((h1, h2, h3, h4, h5)) = hidden.clone();
    (h1, h2, h3, h4, h5, output)
}

/// The networks that are there, of those that a command needs.
pub struct Found<'a> {
    networks: BTreeMap<u64, Pretrained>,
    /// How exercise 8's network is trained from the other seeds.
    missing: Option<Stage<'a>>,
}

/// Takes the network of every seed from exercise 8's run folder, or one network for all of them from a file.
pub fn find<'a>(session: &'a Session, place: &Path) -> anyhow::Result<Found<'a>> {
    if place.extension().is_some_and(|extension| extension == "safetensors") || place.is_file() {
        let network = from_file(place)?;
        let networks = session.args.all_seeds().into_iter().map(|seed| (seed, network.clone())).collect();
        Ok(Found { networks, missing: None })
    } else {
        exercise_8(session, place)
    }
}

impl<'a> Found<'a> {
    /// Returns how those that are missing are trained.
    pub fn missing(&self) -> Option<Stage<'a>> {
        self.missing.clone()
    }

    /// Trains those that are missing, and returns the network of every seed.
    pub fn complete(mut self, session: &Session) -> anyhow::Result<Vec<Pretrained>> {
        if let Some(stage) = &self.missing {
            session.notice("9: exercise 8's network is not there, and is trained first");
            let digits = session.load(0..=4)?;
            let trained = stage.each_seed(|run| {
                let fitted = run.fit(build::<Pretrained>(run.seed), &digits.train, &digits.validation)?;
                Ok((run.seed, fitted.network))
            })?;
            self.networks.extend(trained);
        }
        Ok(session.args.all_seeds().iter().filter_map(|seed| self.networks.remove(seed)).collect())
    }
}

/// Takes a network that another program may have trained. What it was trained on, the file does not say.
fn from_file(path: &Path) -> anyhow::Result<Pretrained> {
    let mut network: Pretrained = build(0);
    weights::read(path, &mut network).context(
        "cannot reuse this network; --pretrained takes exercise 8's run folder, or safetensors of its network under PyTorch's names",
    )?;
    Ok(network)
}

/// Takes the network of every seed from exercise 8's run folder.
fn exercise_8<'a>(session: &'a Session, folder: &Path) -> anyhow::Result<Found<'a>> {
    let part = folder.join("b");
    let saved = |seed: u64| part.join(format!("seed-{seed}")).join("final.ckpt");
    let (there, missing): (Vec<u64>, Vec<u64>) =
        session.args.all_seeds().into_iter().partition(|&seed| saved(seed).exists());
    let networks = there.into_iter().map(|seed| Ok((seed, from_run_folder(session, &saved(seed))?)));
    let networks = networks.collect::<anyhow::Result<_>>()?;
    let stage = session.stage("pretrained", TrainingDefaults::DEEP_NET).underneath("digits 0 to 4").kept_in(&part);
    let missing = (!missing.is_empty()).then(|| stage.seeds(missing).brief());
    Ok(Found { networks, missing })
}

fn from_run_folder(session: &Session, path: &Path) -> anyhow::Result<Pretrained> {
    let mut network: Pretrained = build(0);
    let remedy = "train exercise 8 again (cargo run --release -p ex08-base), or name its run folder with --pretrained";
    let checkpoint =
        Checkpoint::load(path, &mut network).with_context(|| format!("cannot reuse this network; {remedy}"))?;
    let (found, expected) = (&checkpoint.fit.dataset, format!("{}, digits 0 to 4", session.digits.source));
    if !found.starts_with(&expected) {
        bail!("{}: trained on {found}, expected {expected}; {remedy}", shown(path));
    }
    let quick = TrainingDefaults::DEEP_NET.quick_epochs;
    if checkpoint.fit.settings.epochs <= quick && !session.args.quick {
        session
            .notice(format_args!("9: {} was trained for {quick} epochs at most; to do better, {remedy}", shown(path)));
    }
    Ok(network)
}

/// How the network of part f is trained on the digits 0 to 4: for a few epochs only, since its hidden layers go on to forget what
/// other digits need, and with a little L2.
const TO_TRANSFER: TrainingDefaults =
    TrainingDefaults { epochs: NonZeroUsize::new(10).unwrap(), l2: 0.0001, ..TrainingDefaults::DEEP_NET };

/// Trains networks that transfer better than exercise 8's: a few epochs, with batch normalisation, which is then folded into the
/// layers.
pub fn to_transfer(session: &Session) -> anyhow::Result<Vec<Pretrained>> {
    let digits = session.load(0..=4)?;
    session.stage("to-transfer", TO_TRANSFER).underneath("digits 0 to 4").brief().each_seed(|run| {
        let normalised: NormalisedDeepNet<5> = build(run.seed);
        let fitted = run.fit(normalised, &digits.train, &digits.validation)?;
        let (h1, h2, h3, h4, h5, output) = fitted.network;
        Ok((fold(h1), fold(h2), fold(h3), fold(h4), fold(h5), output))
    })
}
