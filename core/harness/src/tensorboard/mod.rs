//! A fit's curves as an event file, which [TensorBoard](https://www.tensorflow.org/tensorboard) shows.
//!
//! Such a file is a sequence of records ([`record`]), each of which holds an event in protobuf ([`event`]). There are
//! crates that write them, `tensorboard-rs` and `tboard`, but both depend on versions of protobuf that are years old.
//! Few messages are needed, so they are declared here; `prost` and `crc32c` do the rest.

mod event;
mod hparams;
mod record;
mod spreads;
mod weights;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use image::ImageError;

use ch11_core::metrics::SpreadsByEpoch;
use ch11_core::nets::{NamedTensor, Parameters, export_tensors};
use ch11_core::train::{Epoch, Fitted, History};
use event::{Event, Value};
pub(crate) use hparams::candidates;
use spreads::histograms;
pub(crate) use spreads::read_spreads;

/// The name of an event file: TensorBoard reads all files that have `tfevents` in their names.
pub(crate) const FILE: &str = "events.out.tfevents.ch11";

/// Makes the event file of a fit: the losses and accuracies of each epoch, the spreads of each epoch that has some, and, as
/// images, those of the weights that were kept that weigh pixels.
///
/// # Errors
/// If the image library fails.
pub(crate) fn events<M: Parameters>(fitted: &Fitted<M>, spreads: &SpreadsByEpoch) -> Result<Vec<u8>, ImageError> {
    file(&fitted.history, &fitted.elapsed, spreads, &export_tensors(&fitted.network))
}

fn file(
    history: &History,
    elapsed: &[Duration],
    spreads: &SpreadsByEpoch,
    kept: &[NamedTensor],
) -> Result<Vec<u8>, ImageError> {
    let ended = now();
    let total = elapsed.last().copied().unwrap_or_default();
    let began = ended.saturating_sub(total);
    let mut file = Vec::new();
    record::append(&mut file, &Event::version(began));
    let histograms = |epoch| spreads.get(&epoch).into_iter().flat_map(|it| histograms(it));
    let initial: Vec<Value> = histograms(0).collect();
    if !initial.is_empty() {
        record::append(&mut file, &Event::summary(began, 0, initial));
    }
    for (epoch, figures) in (1..).zip(history.epochs()) {
        let elapsed = elapsed.get(epoch - 1).copied().unwrap_or(Duration::ZERO);
        let values = scalars(figures).into_iter().chain(histograms(epoch)).collect();
        record::append(&mut file, &Event::summary(began + elapsed, epoch, values));
    }
    let images = kept.iter().filter_map(weights::image).collect::<Result<Vec<_>, _>>()?;
    if !images.is_empty() {
        let best_epoch = history.best().map_or(0, |(epoch, _)| epoch);
        record::append(&mut file, &Event::summary(ended, best_epoch, images));
    }
    Ok(file)
}

/// Returns the time since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn scalars(epoch: &Epoch) -> Vec<Value> {
    let Epoch { training_loss, training_accuracy, validation_loss, validation_accuracy } = *epoch;
    [
        ("loss/training", training_loss),
        ("loss/validation", validation_loss),
        ("accuracy/training", training_accuracy),
        ("accuracy/validation", validation_accuracy),
    ]
    .map(|(tag, value)| Value::scalar(tag, value))
    .into()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use ch11_core::metrics::{Histogram, Spread};
    use ch11_core::nets::{Hidden, Linear, build};
    use ch11_core::train::Ending;

    type Network = (Hidden<784, 12>, Linear<12, 2>);

    fn fitted(epochs: usize) -> Fitted<Network> {
        let mut history = History::default();
        for epoch in 1..=epochs {
            let loss = 1.0 / epoch as f64;
            history.push(Epoch {
                training_loss: loss,
                training_accuracy: 0.25,
                validation_loss: 2.0 * loss,
                validation_accuracy: 0.5,
            });
        }
        let elapsed = (1..=epochs as u64).map(Duration::from_secs).collect();
        Fitted { network: build(1), history, ending: Ending::EpochLimit, epoch_durations: Vec::new(), elapsed }
    }

    #[test]
    fn every_epoch_is_there_and_the_weights_are_a_picture() {
        let file = events(&fitted(3), &SpreadsByEpoch::new()).unwrap();
        let events: Vec<Event> = record::read(&file).into_iter().map(|record| Event::decode(record).unwrap()).collect();
        assert_eq!(events.len(), 1 + 3 + 1);
        assert_eq!(events[0].file_version(), "brain.Event:2");
        for (step, event) in (1..).zip(&events[1..4]) {
            assert_eq!(event.step, step);
            let expected = [
                ("loss/training", 1.0 / step as f32),
                ("loss/validation", 2.0 / step as f32),
                ("accuracy/training", 0.25),
                ("accuracy/validation", 0.5),
            ];
            let found: Vec<(&str, f32)> =
                event.values().iter().map(|value| (value.tag.as_str(), value.simple_value().unwrap())).collect();
            assert_eq!(found, expected);
        }
        assert!((events[3].wall_time - events[1].wall_time - 2.0).abs() < 1e-3);
        let [image] = events[4].values() else { panic!("{:?}", events[4]) };
        let png = image::load_from_memory(image.png().unwrap()).unwrap();
        assert_eq!((image.tag.as_str(), png.width(), png.height()), ("weights/hidden1", 10 * 29 + 1, 2 * 29 + 1));
    }

    #[test]
    fn spreads_are_read_as_they_were_written_beside_the_curves() {
        let histogram = |values: &[f32]| Histogram::of(values);
        let spread = |layer: &str, scale: f32| Spread {
            layer: layer.to_owned(),
            activations: histogram(&[scale, 2.0 * scale, -scale]),
            gradients: histogram(&[scale / 8.0; 4]),
        };
        let of_epoch = |epoch: usize| vec![spread("hidden1", epoch as f32 + 1.0), spread("output", 0.5)];
        let spreads: SpreadsByEpoch = [0, 1, 3].map(|epoch| (epoch, of_epoch(epoch))).into();
        let file = events(&fitted(3), &spreads).unwrap();
        assert_eq!(record::read(&file).len(), 1 + 1 + 3 + 1);
        assert_eq!(read_spreads(&file), spreads);
        let cut = &file[..file.len() / 2];
        assert!(read_spreads(cut).iter().all(|(epoch, found)| spreads[epoch] == *found));
    }

    #[test]
    fn a_fit_without_epochs_has_a_file_all_the_same() {
        let file = events(&fitted(0), &SpreadsByEpoch::new()).unwrap();
        assert_eq!(record::read(&file).len(), 2);
    }
}
