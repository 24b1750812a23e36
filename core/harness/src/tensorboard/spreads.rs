//! The spread of activations and gradients as histograms.

use ch11_core::metrics::{Spread, SpreadsByEpoch};
use prost::Message;

use super::event::{Event, Value};
use super::record;

const ACTIVATIONS: &str = "activations/";
const GRADIENTS: &str = "gradients/";

/// Makes two histograms per layer, `activations/hidden1` and `gradients/hidden1`.
pub(super) fn histograms(spreads: &[Spread]) -> impl Iterator<Item = Value> {
    spreads.iter().flat_map(|Spread { layer, activations, gradients }| {
        [(ACTIVATIONS, activations), (GRADIENTS, gradients)]
            .map(|(group, histogram)| Value::histogram(format!("{group}{layer}"), histogram))
    })
}

/// Reads the spreads in an event file; of one that is damaged, those before the damage.
pub(crate) fn read_spreads(file: &[u8]) -> SpreadsByEpoch {
    let events = record::read(file).into_iter().map_while(|record| Event::decode(record).ok());
    let of_event = |event: Event| Some((usize::try_from(event.step).ok()?, spreads(event.values())));
    events.filter_map(of_event).filter(|(_, spreads)| !spreads.is_empty()).collect()
}

fn spreads(values: &[Value]) -> Vec<Spread> {
    let gradients = |layer: &str| {
        values.iter().find(|it| it.tag.strip_prefix(GRADIENTS) == Some(layer)).and_then(Value::to_histogram)
    };
    let spread = |value: &Value| {
        let layer = value.tag.strip_prefix(ACTIVATIONS)?;
        Some(Spread { layer: layer.to_owned(), activations: value.to_histogram()?, gradients: gradients(layer)? })
    };
    values.iter().filter_map(spread).collect()
}
