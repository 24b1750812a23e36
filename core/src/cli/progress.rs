//! A fit's progress: a bar on a terminal, a line an epoch otherwise.

use indicatif::{ProgressBar, ProgressStyle};

use super::{Console, Interrupt};
use crate::train::{History, Observer};

/// Shows the epochs of one fit as they end, and ends the fit when the user asks for it.
#[derive(Debug)]
pub struct FitProgress<'a> {
    console: &'a Console,
    interrupt: Interrupt,
    label: String,
    bar: Option<ProgressBar>,
}

impl<'a> FitProgress<'a> {
    /// Makes an observer of a fit that is called `label` and ends after `patience` epochs without progress.
    pub fn new(console: &'a Console, interrupt: Interrupt, label: String, patience: usize) -> Self {
        let bar = console.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new(patience as u64));
            // The bar fills as patience runs out.
            let template = "{prefix} {msg}  patience [{bar:20}] {pos}/{len}  {elapsed}";
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(label.clone());
            bar
        });
        Self {
            console,
            interrupt,
            label,
            bar,
        }
    }
}

impl Observer for FitProgress<'_> {
    fn epoch_ended(&mut self, history: &History) {
        let (Some(epoch), Some((best, best_epoch))) = (history.last(), history.best()) else {
            return;
        };
        let line = format!(
            "epoch {:>3}  training loss {:.4}  validation loss {:.4}  best {:.4} (epoch {best})  accuracy {:.2} %",
            history.len(),
            epoch.training_loss,
            epoch.validation_loss,
            best_epoch.validation_loss,
            100.0 * epoch.validation_accuracy,
        );
        match &self.bar {
            Some(bar) => {
                bar.set_position(history.epochs_since_best() as u64);
                bar.set_message(line);
            }
            None => self.console.notice(format_args!("{}  {line}", self.label)),
        }
    }

    fn wants_to_stop(&self) -> bool {
        self.interrupt.asked()
    }
}

impl Drop for FitProgress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
