//! The flags that all exercises understand.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use ch11_core::data::{self, Augmentation};
use ch11_core::train::{Algorithm, Decay, Recipe, Schedule};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::DataArgs;
use crate::search::Shard;

/// The flags that all exercises understand.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Where digits come from
    #[command(flatten)]
    pub data: DataArgs,

    /// Run folder [default: runs/ex08, and so on]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Seed of the first run: initial weights, order of the training images
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,

    /// Number of runs, from as many seeds; results are then means and standard deviations; one with --quick
    #[arg(long, value_name = "K", default_value = "1", value_parser = up_to::<10_000>)]
    pub seeds: NonZeroUsize,

    /// Run the share I of N of a search's fits, or of the seeds, while other processes run the other shares
    ///
    /// All of them use the same run folder, and each goes on from what it holds. When all are done, the same command with
    /// --resume instead of --shard puts them together. I is a number from 1 to N, or `task`: the share of the task
    /// that a scheduler has started in an array with indices from 0 to N-1. It is read from SLURM_ARRAY_TASK_ID,
    /// JOB_COMPLETION_INDEX (Kubernetes) or AWS_BATCH_JOB_ARRAY_INDEX.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Threads to use; changes how long it takes, never the results [default: all cores]
    #[arg(long, value_name = "N", value_parser = up_to::<1024>)]
    pub threads: Option<NonZeroUsize>,

    /// Stop each part early enough that all end within 30 seconds
    #[arg(long)]
    pub quick: bool,

    /// The most epochs to train for
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub epochs: Option<NonZeroUsize>,

    /// Images in a batch
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub batch_size: Option<NonZeroUsize>,

    /// What moves the weights; nesterov is gradient descent with a momentum of 0.95
    #[arg(long, value_name = "NAME", help_heading = "Training", value_parser = named::<Algorithm, _>(Algorithm::NAMES))]
    pub optimizer: Option<Algorithm>,

    /// The optimizer's step size
    #[arg(long, value_name = "X", help_heading = "Training", value_parser = positive)]
    pub learning_rate: Option<f32>,

    /// How the step size changes: linear and cosine fall to 0 at the last epoch, exponential to a hundredth; plateau
    /// falls to 0.3 of itself after 5 epochs without progress on validation
    #[arg(long, value_name = "NAME", help_heading = "Training", value_parser = named::<Schedule, _>(Schedule::NAMES))]
    pub decay: Option<Schedule>,

    /// L2 regularisation: what each weight adds of itself to its gradient
    #[arg(long, value_name = "X", help_heading = "Training", value_parser = from_0)]
    pub l2: Option<f32>,

    /// Epochs without progress on validation after which training stops
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub patience: Option<NonZeroUsize>,

    /// Decay of the moving average of the weights, which is what is kept; 0 keeps the last weights instead
    #[arg(long, value_name = "X", help_heading = "Training", value_parser = decay)]
    pub averaging: Option<f32>,

    /// Save the state of training after every Nth epoch
    #[arg(long, value_name = "N", default_value = "5", help_heading = "Checkpoints")]
    pub checkpoint_every: NonZeroUsize,

    /// Go on from what the run folder holds
    #[arg(long, help_heading = "Checkpoints")]
    pub resume: bool,

    /// Write one JSON document to stdout, and the text to stderr
    #[arg(long)]
    pub json: bool,

    /// Write the curves of every fit, and the candidates of a search, for TensorBoard, in their folders
    ///
    /// For fits that classify images, it also writes how activations and gradients spread in each layer after each epoch.
    /// That takes time to measure; the report of exercise 8b then shows it, too. Fits on pairs, and on the cached outputs of
    /// frozen layers, have curves alone.
    #[arg(long)]
    pub tensorboard: bool,
}

/// Checks that `--augment` comes with the part of a program that heeds it.
///
/// # Errors
/// What to write instead.
pub fn augments_part<P: ValueEnum + PartialEq>(
    augment: Option<Augmentation>,
    (program, part): (&str, P),
    parts: &[P],
) -> Result<(), String> {
    let (Some(augmentation), false) = (augment, parts.contains(&part)) else { return Ok(()) };
    let name = part.to_possible_value().map_or_else(String::new, |it| it.get_name().to_owned());
    Err(format!("--augment is for part {name} alone: {program} {name} --augment {augmentation}"))
}

/// Names what is tried by rows with data augmentation, and the circumstances they share, for the questions of verdicts. Rows
/// of other parts differ from them in their settings, too.
pub fn tried_by(augmentation: Augmentation) -> [&'static str; 2] {
    if augmentation.is_off() {
        ["Settings for distorted images, with none distorted", "with these settings"]
    } else {
        ["Distorting images, with settings to match", "where images are distorted"]
    }
}

impl Args {
    /// Returns a recipe of no more epochs than `quick_epochs` if `--quick` is asked for.
    pub fn shortened(&self, recipe: Recipe, quick_epochs: NonZeroUsize) -> Recipe {
        if self.quick { Recipe { epochs: quick_epochs, ..recipe } } else { recipe }
    }

    /// Returns a part's recipe as the flags change it.
    pub fn recipe(&self, part: Recipe) -> Recipe {
        Recipe {
            algorithm: self.optimizer.unwrap_or(part.algorithm),
            learning_rate: self.learning_rate.unwrap_or(part.learning_rate),
            schedule: self.decay.unwrap_or(part.schedule),
            batch_size: self.batch_size.unwrap_or(part.batch_size),
            ema_decay: self.averaging.map_or(part.ema_decay, Decay::new),
            l2: self.l2.unwrap_or(part.l2),
            ..self.stopping(part)
        }
    }

    /// Returns a recipe as those flags change it that say when to stop.
    pub fn stopping(&self, recipe: Recipe) -> Recipe {
        let Recipe { epochs, patience, .. } = recipe;
        Recipe { epochs: self.epochs.unwrap_or(epochs), patience: self.patience.unwrap_or(patience), ..recipe }
    }

    /// Returns which digits to load; with `--quick`, synthetic ones are drawn in a tenth of MNIST's number.
    pub fn data_request(&self) -> data::Request {
        self.data.request(self.quick)
    }

    /// Returns the seed of every run of this process: of its share, if it runs a share.
    pub fn all_seeds(&self) -> Vec<u64> {
        let mine = |&run: &usize| self.shard.is_none_or(|shard| shard.takes(run));
        (0..self.seeds.get()).filter(mine).map(|run| self.seed.wrapping_add(run as u64)).collect()
    }

    /// Checks that every share has a seed.
    ///
    /// # Errors
    /// If there are more shares than seeds.
    pub fn has_seeds_for_each_shard(&self) -> Result<(), String> {
        match self.shard {
            Some(shard) if shard.count() > self.seeds.get() => Err(format!(
                "--shard {shard} shares {} seeds; ask for at most as many shares, or for more --seeds",
                self.seeds
            )),
            _ => Ok(()),
        }
    }

    /// Returns the number of threads to use.
    pub fn threads(&self) -> NonZeroUsize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
}

fn up_to<const MOST: usize>(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(number) if number.get() <= MOST => Ok(number),
        _ => Err(format!("a number from 1 to {MOST} is needed")),
    }
}

fn positive(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("a finite number above 0 is needed".to_owned()),
    }
}

fn from_0(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err("a finite number from 0 is needed".to_owned()),
    }
}

/// Takes one of these names, which help and completions list.
pub fn named<T, const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = String> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

fn decay(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if (0.0..1.0).contains(&number) => Ok(number),
        _ => Err("a number from 0 to below 1 is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    const PART: Recipe = Recipe::DEEP_NET;

    fn args(flags: &[&str]) -> Args {
        Cli::parse_from(std::iter::once(&"program").chain(flags)).args
    }

    fn recipe(flags: &[&str]) -> Recipe {
        args(flags).recipe(PART)
    }

    #[test]
    fn flags_overrule_a_recipe() {
        assert_eq!(recipe(&[]), PART);
        assert_eq!(recipe(&["--epochs", "9"]).epochs.get(), 9);
        assert_eq!(recipe(&["--learning-rate", "0.5"]).learning_rate, 0.5);
        assert_eq!(recipe(&["--l2", "0.5"]).l2, 0.5);
        assert_eq!(recipe(&["--optimizer", "nesterov"]).algorithm, Algorithm::Nesterov { momentum: 0.95 });
        assert_eq!(recipe(&["--decay", "linear"]).schedule, Schedule::Linear);
    }

    #[test]
    fn flags_overrule_quick() {
        let quick = |flags: &[&str]| args(flags).recipe(args(flags).shortened(PART, NonZeroUsize::MIN)).epochs;
        assert_eq!(quick(&[]), PART.epochs);
        assert_eq!(quick(&["--quick"]), NonZeroUsize::MIN);
        assert_eq!(quick(&["--quick", "--epochs", "9"]).get(), 9);
    }

    #[test]
    fn what_a_search_has_chosen_no_flag_changes() {
        let flags = ["--decay", "linear", "--learning-rate", "0.5", "--averaging", "0.5", "--patience", "3"];
        assert_eq!(args(&flags).stopping(PART), Recipe { patience: NonZeroUsize::new(3).unwrap(), ..PART });
    }

    #[test]
    fn averaging_by_0_is_no_averaging() {
        assert_eq!(recipe(&[]).ema_decay, PART.ema_decay);
        assert_eq!(recipe(&["--averaging", "0"]).ema_decay, None);
    }
}
