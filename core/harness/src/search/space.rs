//! The values that a search chooses from.

use std::num::NonZeroUsize;
use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Candidate;
use crate::{Error, Result};
use ch11_core::disk;
use ch11_core::nets::Activation;

/// The longest file that is read.
const MOST_BYTES: u64 = 64 << 10;

/// The values that a search chooses from: a list for each hyper-parameter.
///
/// A key that is missing from a TOML file has the single value of [`Space::default`].
///
/// # Example
/// ```
/// use ch11_harness::search::Space;
///
/// let space = Space::from_toml("width = [50, 100]\nactivation = ['ELU', 'leaky ReLU 0.1']")?;
/// assert_eq!(space.size(), 4);
/// let candidates = space.sample(3, 42);
/// assert_eq!(candidates.len(), 3);
/// assert!(candidates.iter().all(|candidate| candidate.learning_rate == 0.001));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Space {
    /// Neurons in each hidden layer.
    pub width: Vec<usize>,
    /// Instances in a batch.
    pub batch_size: Vec<NonZeroUsize>,
    /// Adam's step sizes, each above 0.
    pub learning_rate: Vec<f32>,
    /// Activation functions: `ELU`, `ReLU`, `logistic`, `leaky ReLU 0.1`.
    pub activation: Vec<Activation>,
    /// Decays of the exponential moving average of the weights, each from 0 (no average) to below 1.
    pub averaging: Vec<f32>,
    /// Momenta of batch normalisation, each from 0 to below 1; an empty list for no batch normalisation.
    pub batch_norm_momentum: Vec<f32>,
    /// Rates of dropout, each from 0 to below 1; an empty list for no dropout.
    pub dropout_rate: Vec<f32>,
}

/// One value each: the chapter's network, without batch normalisation or dropout.
impl Default for Space {
    fn default() -> Self {
        Self {
            width: vec![100],
            batch_size: NonZeroUsize::new(50).into_iter().collect(),
            learning_rate: vec![0.001],
            activation: vec![Activation::Elu],
            averaging: vec![0.9995],
            batch_norm_momentum: Vec::new(),
            dropout_rate: Vec::new(),
        }
    }
}

impl Space {
    /// Reads a space from a TOML file; `widths` are the possible widths.
    ///
    /// # Errors
    /// If the file cannot be read or has an unknown key, or if a list is empty, repeats a value or holds an impossible
    /// one.
    pub fn read(path: &Path, widths: &[usize]) -> Result<Self> {
        let problem = |problem| Error::Space { path: path.to_owned(), problem };
        let bytes = disk::read(path, MOST_BYTES).map_err(|error| match error {
            ch11_core::Error::Checkpoint { found, expected, .. } => {
                problem(format!("found {found}, expected {expected}"))
            }
            error => error.into(),
        })?;
        let text = String::from_utf8(bytes).map_err(|error| problem(format!("found {error}, expected text")))?;
        let space = Self::from_toml(&text).map_err(problem)?;
        match space.width.iter().find(|width| !widths.contains(width)) {
            Some(width) => Err(problem(format!("found width {width}, expected one of {widths:?}"))),
            None => Ok(space),
        }
    }

    /// Reads a space from TOML.
    ///
    /// # Errors
    /// A sentence that names the line or the key, what was found and what was expected.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let space: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            // The parser misses what is missing at the end after the last line.
            let line = (before.matches('\n').count() + 1).min(text.lines().count().max(1));
            format!("line {line}: {}", error.message().replace('\n', ", "))
        })?;
        let Self { width, batch_size, learning_rate, activation, averaging, batch_norm_momentum, dropout_rate } =
            &space;
        check("width", width, "1 or more", |&width| width > 0, false)?;
        check("batch_size", batch_size, "1 or more", |_| true, false)?;
        check("learning_rate", learning_rate, "a number above 0", |rate| rate.is_finite() && *rate > 0.0, false)?;
        check("activation", activation, "an activation", |_| true, false)?;
        for (key, fractions, may_be_empty) in [
            ("averaging", averaging, false),
            ("batch_norm_momentum", batch_norm_momentum, true),
            ("dropout_rate", dropout_rate, true),
        ] {
            let possible = |value: &f32| (0.0..1.0).contains(value);
            check(key, fractions, "a number from 0 to below 1", possible, may_be_empty)?;
        }
        Ok(space)
    }

    /// Returns the number of different candidates, or `usize::MAX` if that is smaller.
    pub fn size(&self) -> usize {
        self.lengths().into_iter().fold(1, usize::saturating_mul)
    }

    /// Draws `count` different candidates, or all of them if there are fewer. The same seed draws the same.
    pub fn sample(&self, count: usize, seed: u64) -> Vec<Candidate> {
        let (size, mut rng) = (self.size(), ChaCha8Rng::seed_from_u64(seed));
        let drawn = rand::seq::index::sample(&mut rng, size, count.min(size));
        drawn.into_iter().map(|index| self.candidate(index)).collect()
    }

    /// Returns the number of choices for each hyper-parameter.
    fn lengths(&self) -> [usize; 7] {
        [
            self.width.len(),
            self.batch_size.len(),
            self.learning_rate.len(),
            self.activation.len(),
            self.averaging.len(),
            self.batch_norm_momentum.len().max(1),
            self.dropout_rate.len().max(1),
        ]
    }

    /// Returns the candidate of a number below [`Space::size`]. Its digits, in the mixed radix of the lists' lengths,
    /// are positions in the lists.
    fn candidate(&self, mut number: usize) -> Candidate {
        let [width, batch_size, learning_rate, activation, averaging, batch_norm, dropout] =
            self.lengths().map(|length| {
                let digit = number % length;
                number /= length;
                digit
            });
        Candidate {
            width: self.width[width],
            batch_size: self.batch_size[batch_size],
            learning_rate: self.learning_rate[learning_rate],
            activation: self.activation[activation],
            averaging: self.averaging[averaging],
            batch_norm_momentum: self.batch_norm_momentum.get(batch_norm).copied(),
            dropout_rate: self.dropout_rate.get(dropout).copied(),
        }
    }
}

fn check<T: std::fmt::Debug + PartialEq>(
    key: &str,
    values: &[T],
    expected: &str,
    possible: impl Fn(&T) -> bool,
    may_be_empty: bool,
) -> Result<(), String> {
    if values.is_empty() && !may_be_empty {
        return Err(format!("{key}: found an empty list, expected {expected} in it"));
    }
    if let Some(value) = values.iter().find(|value| !possible(value)) {
        return Err(format!("{key}: found {value:?}, expected {expected}"));
    }
    match values.iter().enumerate().find(|(index, value)| values[..*index].contains(value)) {
        Some((_, value)) => Err(format!("{key}: found {value:?} twice, expected each value once")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_candidates_of_a_space_differ() {
        let text = "width = [10, 30, 50]\nbatch_size = [20, 100]\nlearning_rate = [0.1, 0.01]\n\
                    activation = ['ELU', 'ReLU']\naveraging = [0.0, 0.9]\nbatch_norm_momentum = [0.9, 0.99]\n\
                    dropout_rate = [0.1, 0.2, 0.5]";
        let space = Space::from_toml(text).unwrap();
        assert_eq!(space.size(), 3 * 2 * 2 * 2 * 2 * 2 * 3);
        let candidates = space.sample(1_000, 1);
        assert_eq!(candidates.len(), space.size());
        for (index, candidate) in candidates.iter().enumerate() {
            assert!(!candidates[..index].contains(candidate), "{candidate} is drawn twice");
        }
    }

    #[test]
    fn the_seed_decides_and_a_longer_sample_is_another() {
        let space = Space::from_toml("width = [10, 20, 30, 40, 50]\nlearning_rate = [0.1, 0.2, 0.3, 0.4]").unwrap();
        assert_eq!(space.sample(5, 1), space.sample(5, 1));
        assert_ne!(space.sample(5, 1), space.sample(5, 2));
    }

    #[test]
    fn says_what_is_wrong_with_a_space() {
        for (text, says) in [
            ("widht = [10]", "line 1: unknown field `widht`, expected one of `width`, `batch_size`"),
            ("width = [10]\nbatch_size = [0]", "line 2: invalid value: integer `0`, expected a nonzero usize"),
            ("width = [-10]", "line 1: invalid value: integer `-10`"),
            ("width = []", "width: found an empty list"),
            ("width = [10, 10]", "width: found 10 twice"),
            ("width = 10", "line 1: invalid type: integer `10`, expected a sequence"),
            ("learning_rate = [0.0]", "learning_rate: found 0.0, expected a number above 0"),
            ("learning_rate = [nan]", "learning_rate: found NaN"),
            ("learning_rate = [inf]", "learning_rate: found inf"),
            ("dropout_rate = [1.0]", "dropout_rate: found 1.0, expected a number from 0 to below 1"),
            ("batch_norm_momentum = [1.5]", "batch_norm_momentum: found 1.5"),
            ("activation = ['tanh']", "line 1: `tanh`, expected `ELU`, `ReLU`, `logistic`, or `leaky ReLU`"),
            ("width = [10", "line 1: "),
            ("width = [10\n", "line 1: "),
            ("width = [10]\nwidht = [10]", "line 2: unknown field `widht`"),
            ("# A comment\n\nwidth = [10]\n  widht = [10]\nbatch_size = [1]\n", "line 4: unknown field `widht`"),
            ("# A comment\r\n\r\nwidht = [10]\r\n", "line 3: unknown field `widht`"),
            ("width = [10]\n\n[widht]\n", "line 3: unknown field `widht`"),
            ("width = [\n  10,\n  -10,\n]", "line 3: invalid value: integer `-10`"),
            ("width = [10]\nwidth = [20]", "line 2: duplicate key"),
        ] {
            let problem = Space::from_toml(text).unwrap_err();
            assert!(problem.contains(says) && !problem.contains('\n'), "{text}: {problem}");
        }
    }
}
