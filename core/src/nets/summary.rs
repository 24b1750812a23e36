//! Summaries of networks.

use std::fmt;

use serde::Serialize;

use super::{AnyNetwork, export_tensors};
use crate::text::thousands;

/// The layers of a network, their shapes and their numbers of parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The layers, from the input to the output.
    pub layers: Vec<LayerSummary>,
    /// The number of parameters.
    pub parameters: usize,
    /// The number of parameters that an optimizer changes.
    pub trainable: usize,
}

/// One layer of a [`Summary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerSummary {
    /// The layer's name: `hidden1`, `output`.
    pub name: String,
    /// The name and the shape of each of its tensors.
    pub tensors: Vec<(String, Vec<usize>)>,
    /// The number of its parameters.
    pub parameters: usize,
    /// The number of its parameters that an optimizer changes.
    pub trainable: usize,
}

impl Summary {
    /// Summarises a network.
    ///
    /// # Example
    /// ```
    /// use ch11_core::nets::{DeepNet, Summary, build};
    ///
    /// let summary = Summary::of(&build::<DeepNet<5>>(42));
    /// assert_eq!(summary.layers.len(), 6);
    /// assert_eq!(summary.parameters, (784 + 1) * 100 + 4 * (100 + 1) * 100 + (100 + 1) * 5);
    /// ```
    pub fn of(network: &dyn AnyNetwork) -> Self {
        let mut layers: Vec<LayerSummary> = Vec::new();
        for tensor in export_tensors(network) {
            let (layer, own) = tensor.name.rsplit_once('.').unwrap_or(("", &tensor.name));
            if layers.last().is_none_or(|last| last.name != layer) {
                layers.push(LayerSummary { name: layer.to_owned(), tensors: Vec::new(), parameters: 0, trainable: 0 });
            }
            if let Some(last) = layers.last_mut() {
                last.tensors.push((own.to_owned(), tensor.shape));
                last.parameters += tensor.values.len();
                last.trainable += if tensor.trainable { tensor.values.len() } else { 0 };
            }
        }
        let parameters = layers.iter().map(|layer| layer.parameters).sum();
        let trainable = layers.iter().map(|layer| layer.trainable).sum();
        Self { layers, parameters, trainable }
    }

    /// Returns the number of inputs and the width of every layer: `784-100-100-100-100-100-5`.
    pub fn widths(&self) -> String {
        let weights: Vec<&[usize]> =
            self.layers.iter().filter_map(|layer| layer.tensors.first()).map(|(_, shape)| shape.as_slice()).collect();
        let inputs = weights.first().and_then(|shape| shape.get(1));
        let outputs = weights.iter().filter_map(|shape| shape.first());
        inputs.into_iter().chain(outputs).map(usize::to_string).collect::<Vec<_>>().join("-")
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.layers.iter().map(|layer| layer.name.len()).max().unwrap_or(0);
        let width = 10.max(longest + 2);
        writeln!(f, "{:<width$}{:<34}{:>12}{:>12}", "layer", "tensors", "parameters", "trainable")?;
        for LayerSummary { name, tensors, parameters, trainable } in &self.layers {
            let tensors: Vec<String> = tensors.iter().map(|(name, shape)| format!("{name} {shape:?}")).collect();
            let tensors = tensors.join(", ");
            writeln!(f, "{name:<width$}{tensors:<34}{:>12}{:>12}", thousands(*parameters), thousands(*trainable))?;
        }
        let [parameters, trainable] = [self.parameters, self.trainable].map(thousands);
        write!(f, "{:<width$}{:<34}{parameters:>12}{trainable:>12}", "total", "")
    }
}
