//! The flags that all exercises understand.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use ch11_core::data;
use ch11_core::train::{Algorithm, Decay, Settings};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::DataArgs;

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

    /// Number of runs, from as many seeds; results are then means and standard deviations
    #[arg(long, value_name = "K", default_value = "1", value_parser = up_to::<10_000>)]
    pub seeds: NonZeroUsize,

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
    #[arg(long, value_name = "NAME", help_heading = "Training", value_parser = named::<Algorithm>(Algorithm::NAMES))]
    pub optimizer: Option<Algorithm>,

    /// The optimizer's step size
    #[arg(long, value_name = "X", help_heading = "Training", value_parser = positive)]
    pub learning_rate: Option<f32>,

    /// How the step size changes; linear is a fall to 0 at the last epoch
    #[arg(long, value_name = "NAME", help_heading = "Training", value_parser = named::<Decay>(Decay::NAMES))]
    pub decay: Option<Decay>,

    /// L2 regularisation: what each weight adds of itself to its gradient
    #[arg(long, value_name = "X", help_heading = "Training", value_parser = from_0)]
    pub l2: Option<f32>,

    /// Epochs without progress on validation after which training stops
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub patience: Option<NonZeroUsize>,

    /// Decay of the moving average of the weights that is kept; 0 keeps the last weights instead
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

    /// Write the curves of every fit for TensorBoard, in the fit's folder
    #[arg(long)]
    pub tensorboard: bool,
}

/// How a part trains unless flags say otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingDefaults {
    /// What moves the weights.
    pub algorithm: Algorithm,
    /// The optimizer's step size.
    pub learning_rate: f32,
    /// What becomes of the step size.
    pub decay: Decay,
    /// Instances in a batch.
    pub batch_size: NonZeroUsize,
    /// Decay of the moving average of the weights; none keeps the last weights.
    pub averaging: Option<f32>,
    /// L2 regularisation.
    pub l2: f32,
    /// The most epochs.
    pub epochs: NonZeroUsize,
    /// The most epochs with `--quick`.
    pub quick_epochs: NonZeroUsize,
    /// Epochs without progress after which training stops.
    pub patience: NonZeroUsize,
}

impl TrainingDefaults {
    /// What trains [`DeepNet`](ch11_core::nets::DeepNet) on tens of thousands of digits; batch size and averaging were chosen on
    /// validation loss.
    pub const DEEP_NET: Self = Self {
        algorithm: Algorithm::Adam,
        learning_rate: 0.001,
        decay: Decay::None,
        batch_size: NonZeroUsize::new(50).unwrap(),
        averaging: Some(0.9995),
        l2: 0.0,
        epochs: NonZeroUsize::new(1000).unwrap(),
        quick_epochs: NonZeroUsize::new(5).unwrap(),
        patience: NonZeroUsize::new(20).unwrap(),
    };

    /// Returns `settings` with the learning rate, its decay, the batch size and the averaging of these defaults.
    pub(super) fn chosen(self, settings: Settings) -> Settings {
        let Self { learning_rate, decay, batch_size, averaging, .. } = self;
        Settings { learning_rate, decay, batch_size, averaging, ..settings }
    }

    /// Returns these defaults as settings.
    pub fn settings(self, quick: bool, seed: u64) -> Settings {
        Settings {
            algorithm: self.algorithm,
            learning_rate: self.learning_rate,
            decay: self.decay,
            batch_size: self.batch_size,
            averaging: self.averaging,
            l2: self.l2,
            epochs: if quick { self.quick_epochs } else { self.epochs },
            patience: self.patience,
            seed,
        }
    }
}

impl Args {
    /// Returns the settings of a part's fit: its defaults, `--quick`, and the flags, each overruling those before it.
    pub fn settings(&self, defaults: TrainingDefaults, seed: u64) -> Settings {
        let defaults = defaults.settings(self.quick, seed);
        Settings {
            algorithm: self.optimizer.unwrap_or(defaults.algorithm),
            learning_rate: self.learning_rate.unwrap_or(defaults.learning_rate),
            decay: self.decay.unwrap_or(defaults.decay),
            batch_size: self.batch_size.unwrap_or(defaults.batch_size),
            averaging: self.averaging.or(defaults.averaging).filter(|&decay| decay > 0.0),
            l2: self.l2.unwrap_or(defaults.l2),
            epochs: self.epochs.unwrap_or(defaults.epochs),
            patience: self.patience.unwrap_or(defaults.patience),
            ..defaults
        }
    }

    /// Returns which digits to load; with `--quick`, synthetic ones are drawn in a tenth of MNIST's number.
    pub fn data_request(&self) -> data::Request {
        self.data.request(self.quick)
    }

    /// Returns the seed of every run.
    pub fn all_seeds(&self) -> Vec<u64> {
        (0..self.seeds.get() as u64).map(|run| self.seed.wrapping_add(run)).collect()
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
fn named<T>(names: [&'static str; 2]) -> impl TypedValueParser<Value = T>
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

    const DEFAULTS: TrainingDefaults = TrainingDefaults::DEEP_NET;

    fn settings(flags: &[&str]) -> Settings {
        let words = std::iter::once(&"program").chain(flags);
        Cli::parse_from(words).args.settings(DEFAULTS, 7)
    }

    #[test]
    fn flags_overrule_quick_and_quick_overrules_defaults() {
        assert_eq!(settings(&[]).epochs, DEFAULTS.epochs);
        assert_eq!(settings(&["--quick"]).epochs, DEFAULTS.quick_epochs);
        assert_eq!(settings(&["--quick", "--epochs", "9"]).epochs.get(), 9);
        assert_eq!(settings(&["--learning-rate", "0.5"]).learning_rate, 0.5);
        assert_eq!(settings(&["--l2", "0.5"]).l2, 0.5);
        assert_eq!(settings(&["--optimizer", "nesterov"]).algorithm, Algorithm::Nesterov { momentum: 0.95 });
        assert_eq!(settings(&["--decay", "linear"]).decay, Decay::Linear);
    }

    #[test]
    fn what_a_search_has_settled_no_flag_changes() {
        let flags = settings(&["--decay", "linear", "--learning-rate", "0.5", "--averaging", "0.5", "--patience", "3"]);
        let Settings { decay, learning_rate, averaging, patience, .. } = DEFAULTS.chosen(flags);
        assert_eq!((decay, learning_rate, averaging), (DEFAULTS.decay, DEFAULTS.learning_rate, DEFAULTS.averaging));
        assert_eq!(patience.get(), 3);
    }

    #[test]
    fn averaging_by_0_is_no_averaging() {
        assert_eq!(settings(&[]).averaging, DEFAULTS.averaging);
        assert_eq!(settings(&["--averaging", "0"]).averaging, None);
    }
}
