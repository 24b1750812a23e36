//! How activations and gradients spread in a fit, epoch by epoch.

use ch11_core::data::Dataset;
use ch11_core::metrics::{Probe, SpreadsByEpoch};
use ch11_core::nets::{AnyNetwork, Layer, Sequential};
use ch11_core::train::{History, Observer};

use super::FitProgress;

/// Training instances in the batch that is watched.
const ROWS: usize = 200;

/// What is watched in a fit: a batch, and the layers that it goes through.
#[derive(Debug)]
pub(super) struct Watched {
    probe: Probe,
    layers: Vec<Layer>,
}

impl Watched {
    /// Watches a network by the first rows of its training data.
    pub(super) fn of<const D: usize>(network: &impl Sequential, train: &Dataset<D>) -> Self {
        Self { probe: Probe::new(train, ROWS), layers: network.layers() }
    }
}

/// Shows the progress of a fit, and measures the spreads of what is watched in it.
#[derive(Debug)]
pub(super) struct SpreadWatch<'a> {
    pub(super) progress: FitProgress<'a>,
    pub(super) watched: Option<Watched>,
    pub(super) spreads: SpreadsByEpoch,
}

impl Observer for SpreadWatch<'_> {
    fn epoch_ended(&mut self, history: &History) {
        self.progress.epoch_ended(history);
    }

    fn looks_at(&mut self, epoch: usize, network: &dyn AnyNetwork) {
        if let Some(Watched { probe, layers }) = &self.watched
            && let Ok(spreads) = probe.spreads(layers, network)
        {
            self.spreads.insert(epoch, spreads);
        }
    }

    fn wants_to_stop(&self) -> bool {
        self.progress.wants_to_stop()
    }
}
