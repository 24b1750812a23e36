//! The rates of dropout, and the choice among them, in which only training digits are scored.

use std::fmt;
use std::num::NonZeroUsize;

use ch11_core::data::{Digits, Fold, PIXELS};
use ch11_core::metrics::evaluate;
use ch11_core::nets::DropoutDeepNet;
use ch11_core::train::Recipe;
use ch11_harness::cli::Session;
use ch11_harness::report::{Row, Samples};
use serde_json::{Value, json};

use super::network;
use crate::part_a::CLASSES;

/// The rates that are tried: the same on every layer, as the exercise asks, and one with a rate of its own for the pixels, none.
pub const RATES: [Rates; 5] = [
    Rates { pixels: 0.05, hidden: 0.05 },
    Rates { pixels: 0.1, hidden: 0.1 },
    Rates { pixels: 0.2, hidden: 0.2 },
    Rates { pixels: 0.5, hidden: 0.5 },
    Rates { pixels: 0.0, hidden: 0.2 },
];

/// Each half of the training digits is held out once.
const FOLDS: usize = 2;

/// As in part c: a fit on a fold only has to be ranked.
const TRIAL: Recipe = Recipe { patience: NonZeroUsize::new(5).unwrap(), ..Recipe::DEEP_NET };
const QUICK_EPOCHS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// How much is dropped of the pixels, and of the outputs of each hidden layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// The rate on the input of the first layer.
    pub pixels: f64,
    /// The rate on the input of each other layer.
    pub hidden: f64,
}

impl Rates {
    /// Returns the name of its fits on all training digits.
    pub fn fit_name(&self) -> String {
        let Self { pixels, hidden } = self;
        if pixels == hidden { format!("e/dropout-{hidden}") } else { format!("e/dropout-{hidden}-pixels-{pixels}") }
    }

    /// Returns the names of its fits on the folds.
    pub fn names_on_folds(&self) -> [String; FOLDS] {
        std::array::from_fn(|fold| format!("{}-fold-{}", self.fit_name(), fold + 1))
    }

    /// Writes the rates for a sentence: `0.2 (0 on the pixels)`.
    pub fn in_words(&self) -> String {
        let Self { pixels, hidden } = self;
        if pixels == hidden { hidden.to_string() } else { format!("{hidden} ({pixels} on the pixels)") }
    }

    /// Builds the network with these rates.
    pub fn network(&self, seed: u64) -> DropoutDeepNet<CLASSES> {
        network(seed, *self)
    }
}

/// The name of a row: `dropout 0.2, pixels 0`.
impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pixels, hidden } = self;
        write!(f, "dropout {hidden}")?;
        if pixels == hidden { Ok(()) } else { write!(f, ", pixels {pixels}") }
    }
}

/// Returns the loss of each rate on the training digits that were held out, the mean over the folds, from each seed.
///
/// A network stops by the validation digits, as in part b, and is scored on digits that had no part in its training.
pub fn cross_validate(session: &Session) -> anyhow::Result<Vec<Samples>> {
    let Digits { train, validation, .. } = &session.digits;
    let folds: Vec<Fold<PIXELS>> = train.stratified_folds(FOLDS, session.args.seed).iter().collect();
    session.side_by_side(&RATES, |rates| {
        let held_out = folds.iter().zip(rates.names_on_folds()).map(|(fold, name)| {
            let fits = session.fits(&name, TRIAL).quick(QUICK_EPOCHS).brief();
            fits.each_seed(|run| {
                let fitted = run.fit(rates.network(run.seed), &fold.train, validation)?;
                Ok(evaluate(&fitted.network, &fold.held_out).loss)
            })
        });
        let by_fold: Vec<Vec<f64>> = held_out.collect::<anyhow::Result<_>>()?;
        let mean = |seed: usize| by_fold.iter().map(|losses| losses[seed]).sum::<f64>() / FOLDS as f64;
        Ok(Samples { values: (0..by_fold[0].len()).map(mean).collect() })
    })
}

/// Says by what the rates were chosen.
pub fn choice(losses: &[Samples], chosen: usize) -> String {
    let each = RATES.iter().zip(losses).map(|(rates, losses)| format!("{rates}: {:.4}", losses.mean()));
    format!(
        "Which rate? {}, by the loss on held-out halves of the training digits ({}).",
        RATES[chosen].in_words(),
        each.collect::<Vec<_>>().join("; ")
    )
}

/// Lists all rates with their losses and their rows.
pub fn to_json(losses: &[Samples], rows: &[Row]) -> Value {
    let of = |((rates, losses), row): ((&Rates, &Samples), &Row)| {
        json!({
            "rate": rates.hidden,
            "pixel_rate": rates.pixels,
            "held_out_loss": losses.to_json(),
            "row": row.to_json(),
        })
    };
    RATES.iter().zip(losses).zip(rows).map(of).collect()
}
