//! A fit's progress: a bar on a terminal, one line per epoch otherwise.

use indicatif::{ProgressBar, ProgressStyle};

use super::{Console, Interrupt};
use ch11_core::train::{Epoch, History, Observer};

/// Shows the epochs of one fit as they end, and ends the fit when the user asks for it.
#[derive(Debug)]
pub struct FitProgress<'a> {
    console: &'a Console,
    interrupt: &'a Interrupt,
    label: String,
    bar: Option<ProgressBar>,
    brief: bool,
    outcome: Option<String>,
}

impl<'a> FitProgress<'a> {
    /// Makes an observer of a fit that is called `label` and ends after `patience` epochs without progress. A `brief` one writes
    /// one line when the fit ends, in place of one per epoch.
    pub fn new(console: &'a Console, interrupt: &'a Interrupt, label: String, patience: usize, brief: bool) -> Self {
        let bar = console.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new(patience as u64));
            // The bar fills as patience runs out; with its text it fits a terminal of 80 columns.
            let style = ProgressStyle::with_template("{prefix} {msg} patience [{bar:6}]");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("#> "));
            bar.set_prefix(label.clone());
            bar
        });
        Self { console, interrupt, label, bar, brief, outcome: None }
    }
}

impl Observer for FitProgress<'_> {
    fn epoch_ended(&mut self, history: &History) {
        let (Some(epoch), Some((best_number, best))) = (history.last(), history.best()) else {
            return;
        };
        let Epoch { training_loss, validation_loss, validation_accuracy, .. } = epoch;
        let (number, best_loss, accuracy) = (history.len(), best.validation_loss, 100.0 * validation_accuracy);
        match &self.bar {
            Some(bar) => {
                bar.set_position(history.epochs_since_best() as u64);
                bar.set_message(format!(
                    "epoch {number:>3} loss {training_loss:.4} validation {validation_loss:.4} best {best_loss:.4} {accuracy:.2} %"
                ));
            }
            None if self.brief => {
                self.outcome = Some(format!(
                    "{}: {number} epochs, best {best_number} with validation loss {best_loss:.4} and accuracy {:.2} %",
                    self.label,
                    100.0 * best.validation_accuracy
                ));
            }
            None => self.console.notice(format_args!(
                "{}: epoch {number:>3}  training loss {training_loss:.4}  validation loss {validation_loss:.4}  \
                 best {best_loss:.4} (epoch {best_number})  accuracy {accuracy:.2} %",
                self.label
            )),
        }
    }

    fn wants_to_stop(&self) -> bool {
        self.interrupt.asked()
    }
}

impl Drop for FitProgress<'_> {
    fn drop(&mut self) {
        if let Some(outcome) = &self.outcome {
            self.console.notice(outcome);
        }
        if let (Some(bar), Some(bars)) = (&self.bar, self.console.bars()) {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}
