//! The spread of activations and gradients as plots.

use ch11_core::metrics::{Histogram, Spread, SpreadsByEpoch};

use super::{Axis, Findings, Plot, Series, Style};

const NOTE: &str = "How far the activations of each layer spread over 200 training images, and the gradients of each image's loss with respect \
                    to its weighted sums, before the first epoch and after each. Where gradients shrink from layer to layer on the way \
                    back, from the output to the first layer, they vanish.";

impl Findings {
    /// Adds how activations and gradients spread in each layer after each epoch, if that was measured.
    #[must_use]
    pub fn spreads(self, spreads: &SpreadsByEpoch) -> Self {
        if spreads.is_empty() {
            return self;
        }
        let activations = plot("activations", spreads, |it| &it.activations);
        self.plots(NOTE, vec![activations, plot("gradients", spreads, |it| &it.gradients)])
    }
}

/// Plots the standard deviation in each layer against epochs.
fn plot(what: &str, spreads: &SpreadsByEpoch, of: fn(&Spread) -> &Histogram) -> Plot {
    let layers = spreads.values().next().into_iter().flatten().map(|it| it.layer.as_str());
    let line = |(number, layer): (usize, &str)| {
        let in_epoch = |(&epoch, all): (&usize, &Vec<Spread>)| {
            let own = all.iter().find(|it| it.layer == layer)?;
            Some((epoch as f64, of(own).standard_deviation()))
        };
        Series::new(layer, spreads.iter().filter_map(in_epoch).collect(), Style::Line).coloured(number)
    };
    Plot {
        x: Axis::linear("epoch"),
        y: Axis::logarithmic(&format!("standard deviation of {what}")),
        series: layers.enumerate().map(line).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_is_a_line_through_the_epochs() {
        let spread = |layer: &str, scale: f32| Spread {
            layer: layer.to_owned(),
            activations: Histogram::of(&[-scale, scale]),
            gradients: Histogram::of(&[0.0, scale]),
        };
        let of_epoch = |epoch: usize| (epoch, vec![spread("hidden1", 0.5), spread("output", 1.0 + epoch as f32)]);
        let spreads: SpreadsByEpoch = [0, 1, 2].map(of_epoch).into();
        let Plot { series, .. } = plot("gradients", &spreads, |it| &it.gradients);
        assert_eq!(series.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["hidden1", "output"]);
        assert_eq!(series[0].points, [(0.0, 0.25), (1.0, 0.25), (2.0, 0.25)]);
        assert_eq!(series[1].points, [(0.0, 0.5), (1.0, 1.0), (2.0, 1.5)]);
    }
}
