//! The network to reuse.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ch11_core::checkpoint::weights;
use ch11_core::data::{Augmentation, Digits, PIXELS};
use ch11_core::nets::{DeepNet, build};
use ch11_core::shown;
use ch11_core::train::{Checkpoint, Classification, FINAL, Identity, Recipe, seed_folder};
use ch11_harness::cli::{DEFAULT_QUICK_EPOCHS, FitFolders, Fits, Session};
use serde_json::json;

/// Exercise 8's run folder.
pub const RUN_FOLDER: &str = "runs/ex08";

/// The network of exercise 8.
pub type Pretrained = DeepNet<5>;

/// A network of exercise 8: how it is trained, and where that keeps it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What this exercise calls the fit.
    name: &'static str,
    /// The fit in exercise 8's run folder.
    fit: &'static str,
    recipe: Recipe,
    augmentation: Augmentation,
    /// The command that trains it.
    command: &'static str,
}

/// That of part 8b.
pub const PLAIN: Kind = Kind {
    name: "pretrained",
    fit: "b",
    recipe: Recipe::DEEP_NET,
    augmentation: Augmentation::OFF,
    command: "cargo run --release -p ex08-base -- b",
};

/// That of part 8f, which saw each digit distorted anew in every epoch.
pub const AUGMENTED: Kind = Kind {
    name: "pretrained_augmented",
    fit: "f/elastic",
    recipe: Recipe::AUGMENTED,
    augmentation: Augmentation::ELASTIC,
    command: "cargo run --release -p ex08-base -- f --augment elastic",
};

impl Kind {
    /// The digits 0 to 4 as it is trained on them.
    fn task(self, digits: &Digits) -> Classification<'_, PIXELS, 5> {
        Classification::new(&digits.train, &digits.validation).augmented(self.augmentation)
    }

    /// Says what to do about a network that cannot be reused, or should not.
    fn remedy(self) -> String {
        format!("train exercise 8 again ({}), or name its run folder with --pretrained", self.command)
    }
}

/// The networks that were found, of those that a command needs.
pub struct Found<'a> {
    kind: Kind,
    networks: BTreeMap<u64, Pretrained>,
    reused: Reused,
    /// The digits 0 to 4, if they had to be loaded to check what the networks were trained on.
    digits: Option<Digits>,
    /// The fit that trains the missing seeds.
    missing: Option<Fits<'a>>,
}

/// What is known of the networks that are reused.
#[derive(Debug, Clone)]
pub struct Reused {
    kind: Kind,
    place: PathBuf,
    /// What they were trained on; a file of another program does not say.
    data: Option<String>,
    /// The seeds of those that were cut short, as by `--quick`.
    cut_short: Vec<u64>,
}

/// Takes the network of every seed from exercise 8's run folder. If `place` is a file instead, that is the network of all seeds.
pub fn find<'a>(session: &'a Session, kind: Kind, place: &Path) -> anyhow::Result<Found<'a>> {
    if !is_file(place) {
        return exercise_8(session, kind, place);
    }
    let network = from_file(place)?;
    let networks = session.args.all_seeds().into_iter().map(|seed| (seed, network.clone())).collect();
    let reused = Reused { kind, place: place.to_owned(), data: None, cut_short: Vec::new() };
    Ok(Found { kind, networks, reused, digits: None, missing: None })
}

/// Tells whether a place names a network, not a run folder.
pub fn is_file(place: &Path) -> bool {
    place.extension().is_some_and(|extension| extension == "safetensors") || place.is_file()
}

impl<'a> Found<'a> {
    /// Returns where those that are missing will be saved.
    pub fn missing(&self) -> Option<FitFolders<'a>> {
        self.missing.as_ref().map(Fits::folders)
    }

    /// Trains those that are missing, and returns the network of every seed, and what is known of them.
    pub fn complete(self, session: &Session) -> anyhow::Result<(Vec<Pretrained>, Reused)> {
        let Self { kind, mut networks, reused, digits, missing } = self;
        if let Some(fits) = missing {
            let place = shown(&reused.place);
            session.notice(format_args!("9: {place} lacks exercise 8's network, which is trained first"));
            let digits = digits.map_or_else(|| session.load(0..=4), Ok)?;
            let trained = fits.each_seed(|run| {
                let task = run.classification(&digits.train, &digits.validation).augmented(kind.augmentation);
                let fitted = run.fit_classifier(build::<Pretrained>(run.seed), &task)?;
                Ok((run.seed, fitted.network))
            })?;
            networks.extend(trained);
        }
        Ok((session.args.all_seeds().iter().filter_map(|seed| networks.remove(seed)).collect(), reused))
    }
}

impl Reused {
    /// Tells whether all seeds share one network, from a file.
    pub fn is_one_for_all(&self) -> bool {
        self.data.is_none()
    }

    /// Says what is known of the networks: in the header, in the report and in the JSON document.
    pub fn tell(self, session: &mut Session) {
        let Self { kind, place, data, cut_short } = self;
        let mut text = match &data {
            Some(data) => format!("from {}, trained on {data}", shown(&place)),
            None => format!("from {}, trained on unknown data: the file does not say", shown(&place)),
        };
        if !cut_short.is_empty() {
            let seeds: Vec<String> = cut_short.iter().map(u64::to_string).collect();
            let epochs = DEFAULT_QUICK_EPOCHS;
            text += &format!("; cut short after {epochs} epochs at most, as by --quick: seed {}", seeds.join(", "));
        }
        let document = json!({ "from": place.to_string_lossy(), "trained_on": data, "cut_short": cut_short });
        session.add_fact(kind.name, text, document);
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
fn exercise_8<'a>(session: &'a Session, kind: Kind, folder: &Path) -> anyhow::Result<Found<'a>> {
    let part = folder.join(kind.fit);
    let saved = |seed: u64| seed_folder(&part, seed).join(FINAL);
    let (there, missing): (Vec<u64>, Vec<u64>) =
        session.args.all_seeds().into_iter().partition(|&seed| saved(seed).exists());
    let fits = session.fits(kind.name, kind.recipe).pretraining("digits 0 to 4").kept_in(&part);
    let loaded = there.iter().map(|&seed| Ok((seed, from_run_folder(kind, &saved(seed))?)));
    let loaded = loaded.collect::<anyhow::Result<Vec<_>>>()?;
    let digits = session.load(0..=4)?;
    let data = fits.data::<Pretrained, _>(&kind.task(&digits));
    let (mut networks, mut cut_short) = (BTreeMap::new(), Vec::new());
    for (seed, (network, fit)) in loaded {
        must_be_of(kind, &saved(seed), &fit, &data)?;
        if fit.settings.recipe.epochs <= DEFAULT_QUICK_EPOCHS {
            cut_short.push(seed);
        }
        networks.insert(seed, network);
    }
    if !cut_short.is_empty() && !session.args.quick {
        let (place, remedy) = (shown(&part), kind.remedy());
        session.notice(format_args!("9: the networks in {place} were cut short; to do better, {remedy}"));
    }
    let missing = (!missing.is_empty()).then(|| fits.seeds(missing).brief());
    let reused = Reused { kind, place: part, data: Some(data), cut_short };
    Ok(Found { kind, networks, reused, digits: Some(digits), missing })
}

fn from_run_folder(kind: Kind, path: &Path) -> anyhow::Result<(Pretrained, Identity)> {
    let mut network: Pretrained = build(0);
    let checkpoint = Checkpoint::load(path, &mut network)
        .with_context(|| format!("cannot reuse this network; {}", kind.remedy()))?;
    Ok((network, checkpoint.fit))
}

/// Checks that a fit was one on `data`, of this very SHA-256.
fn must_be_of(kind: Kind, path: &Path, fit: &Identity, data: &str) -> anyhow::Result<()> {
    if fit.dataset != data {
        bail!("{}: trained on {}, expected {data}; on this data, {}", shown(path), fit.dataset, kind.remedy());
    }
    Ok(())
}
