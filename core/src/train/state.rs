//! The state of training between epochs.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Epoch, History, Optimizer, Settings};
use crate::fused::Kept;
use crate::nets::{AnyNetwork, NamedTensor, Parameters, export_tensors, import_tensors};

/// Everything that a fit carries from one epoch to the next.
#[derive(Debug, Clone)]
pub struct TrainingState<M> {
    /// The network after the last step.
    pub network: M,
    /// The moving average of the network's weights, if the recipe asks for one.
    pub average: Option<M>,
    /// The optimizer, with its moments.
    pub optimizer: Optimizer,
    /// The generator that draws the next epoch's examples.
    pub rng: ChaCha8Rng,
    /// The epochs so far.
    pub history: History,
    /// The weights with the lowest validation loss, once there is one.
    pub best: Option<Best>,
    /// What a fused epoch leaves to the next: memory, no numbers.
    pub(super) kept: Kept,
}

/// The weights of the epoch with the lowest validation loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch's number, from 1.
    pub epoch: usize,
    /// The network's tensors after it.
    pub tensors: Vec<NamedTensor>,
}

impl<M: Parameters> TrainingState<M> {
    /// Returns the state before the first epoch.
    pub fn new(network: M, settings: &Settings) -> Self {
        Self {
            average: settings.recipe.ema_decay.map(|_| network.clone()),
            optimizer: Optimizer::new(&settings.recipe, &network),
            rng: ChaCha8Rng::seed_from_u64(settings.seed),
            history: History::default(),
            best: None,
            kept: Kept::default(),
            network,
        }
    }

    /// Returns the network that is evaluated and kept: the average if there is one, otherwise the last weights.
    pub fn evaluated(&self) -> &M {
        self.average.as_ref().unwrap_or(&self.network)
    }

    /// Returns the network with the weights of its best epoch, or with its current weights if no epoch had a finite
    /// loss.
    pub fn best_network(&self) -> M {
        let mut network = self.network.clone();
        if let Some(best) = &self.best {
            let restored = import_tensors(&mut network, &best.tensors);
            assert_eq!(restored, Ok(()), "the best tensors were copied out of this network");
        }
        network
    }

    /// Borrows it as the state of a network of any type.
    pub(crate) fn any(&mut self) -> AnyState<'_> {
        let Self { network, average, optimizer, rng, history, best, .. } = self;
        let average = average.as_mut().map(|average| average as &mut dyn AnyNetwork);
        AnyState { network, average, optimizer, rng, history, best }
    }
}

/// A [`TrainingState`] of a network of any type.
pub(crate) struct AnyState<'a> {
    pub(crate) network: &'a mut dyn AnyNetwork,
    pub(crate) average: Option<&'a mut dyn AnyNetwork>,
    pub(crate) optimizer: &'a mut Optimizer,
    pub(crate) rng: &'a mut ChaCha8Rng,
    pub(crate) history: &'a mut History,
    pub(crate) best: &'a mut Option<Best>,
}

impl AnyState<'_> {
    /// Adds an epoch to the history, and keeps the weights if they are the best so far.
    pub(super) fn add_epoch(&mut self, epoch: Epoch) {
        self.history.push(epoch);
        if epoch.validation_loss.is_finite() && self.history.epochs_since_best() == 0 {
            let evaluated = self.average.as_deref().unwrap_or(self.network);
            *self.best = Some(Best { epoch: self.history.len(), tensors: export_tensors(evaluated) });
        }
    }
}
