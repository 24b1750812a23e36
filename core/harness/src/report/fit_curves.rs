//! How the fits of a run went, for other programs to read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Curve;

/// The learning curves of all fits of a run, by the fit's name and its seed.
///
/// # Example
/// ```
/// use ch11_harness::report::{Curve, FitCurves};
/// use ch11_core::train::{Epoch, History};
///
/// let mut history = History::default();
/// history.push(Epoch { training_loss: 0.5, training_accuracy: 0.75, validation_loss: 0.25, validation_accuracy: 0.875 });
/// let mut fits = FitCurves::default();
/// fits.add("b", 42, Curve { name: "plain".to_owned(), history, elapsed: Vec::new() });
/// let line = r#"{"fit":"b","seed":42,"epoch":1,"training_loss":0.5,"training_accuracy":0.75,"#;
/// assert!(fits.to_json_lines().unwrap().starts_with(line));
/// ```
#[derive(Debug, Clone, Default)]
pub struct FitCurves(BTreeMap<(String, u64), Curve>);

/// An epoch of a fit.
#[derive(Serialize)]
struct Line<'a> {
    fit: &'a str,
    seed: u64,
    epoch: usize,
    training_loss: f64,
    training_accuracy: f64,
    validation_loss: f64,
    validation_accuracy: f64,
    /// Since the fit began; left out if that is not known.
    seconds: Option<f64>,
    /// Whether this epoch's weights were kept.
    best: bool,
}

impl FitCurves {
    /// Adds a fit, or puts it in the place of the one of the same name and seed.
    pub fn add(&mut self, fit: &str, seed: u64, curve: Curve) {
        self.0.insert((fit.to_owned(), seed), curve);
    }

    /// Returns the curve of a fit, if there is one.
    pub fn get(&self, fit: &str, seed: u64) -> Option<&Curve> {
        self.0.get(&(fit.to_owned(), seed))
    }

    /// Writes a line of comma-separated values per epoch, under a line of headings.
    ///
    /// # Errors
    /// What the `csv` crate says.
    pub fn to_csv(&self) -> Result<Vec<u8>, String> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        self.lines().try_for_each(|line| csv.serialize(line)).map_err(|error| error.to_string())?;
        csv.into_inner().map_err(|error| error.to_string())
    }

    /// Writes a line of JSON per epoch.
    ///
    /// # Errors
    /// What the `serde_json` crate says.
    pub fn to_json_lines(&self) -> Result<String, String> {
        let lines = self.lines().map(|line| Ok(serde_json::to_string(&line)? + "\n"));
        lines.collect::<serde_json::Result<String>>().map_err(|error| error.to_string())
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.0.iter().flat_map(|((fit, seed), curve)| {
            let best = curve.best();
            curve.history.epochs().iter().enumerate().map(move |(index, epoch)| Line {
                fit,
                seed: *seed,
                epoch: index + 1,
                training_loss: epoch.training_loss,
                training_accuracy: epoch.training_accuracy,
                validation_loss: epoch.validation_loss,
                validation_accuracy: epoch.validation_accuracy,
                seconds: curve.elapsed.get(index).map(std::time::Duration::as_secs_f64),
                best: best == Some(index),
            })
        })
    }
}
