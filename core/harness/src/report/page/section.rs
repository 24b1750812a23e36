//! A part of the page.

use std::fmt::Display;

use maud::{Markup, PreEscaped, html};

use super::exhibit::Exhibit;
use super::pictures::{Picture, of_digit, of_weights};
use super::plots::{Axis, Plot, Series, Style};
use crate::report::table::{HEADINGS, Line};
use crate::report::{Curve, Table};
use ch11_core::nets::{LayerSummary, Summary};
use ch11_core::text::thousands;

/// What is said below learning curves.
const CURVES: &str = "Learning curves: on the validation data, and faintly in training, where each instance is measured just before the step of \
                      its batch. A dot marks the epoch whose weights were kept.";

/// What is said below mistakes.
const SUREST: &str = "the network was surest of: a digit → what it was taken for, and how sure the network was.";

/// A part of the page: a heading, and what is added below it, in that order.
#[derive(Debug, Clone)]
pub struct Section {
    title: String,
    body: String,
    has_results: bool,
}

/// A cell of a table that can be sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    text: String,
    key: Option<f64>,
}

impl Cell {
    /// Makes a cell that is sorted by its text, as a number if it is one.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), key: None }
    }

    /// Makes a cell that is sorted by a number.
    pub fn number(text: impl Into<String>, key: f64) -> Self {
        Self { text: text.into(), key: Some(key) }
    }
}

impl Section {
    /// Begins a section.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), body: String::new(), has_results: false }
    }

    /// Adds the layers of a network.
    #[must_use]
    pub fn network(self, summary: &Summary) -> Self {
        let row = |layer: &LayerSummary| {
            let tensors: Vec<String> = layer.tensors.iter().map(|(name, shape)| format!("{name} {shape:?}")).collect();
            let [parameters, trainable] = [layer.parameters, layer.trainable].map(thousands);
            html! { tr { td { (layer.name) } td { (tensors.join(", ")) } td { (parameters) } td { (trainable) } } }
        };
        let headings = ["layer", "tensors", "parameters", "trainable"];
        let table = table_of("layers", &headings, summary.layers.iter().map(row));
        Self { body: self.body + &table.0, ..self }
    }

    /// Adds a sentence.
    #[must_use]
    pub fn say(self, sentence: impl Display) -> Self {
        self.with(&html! { p { (sentence) } })
    }

    /// Adds a table of results.
    #[must_use]
    pub fn table(self, table: &Table) -> Self {
        let row = |Line { cells, is_reference }: &Line| {
            html! { tr.reference[*is_reference] { @for cell in cells { td { (cell) } } } }
        };
        self.with(&table_of("results", &HEADINGS, table.lines().iter().map(row)))
    }

    /// Adds the learning curves of some fits: losses and accuracies against epochs, and validation loss against seconds. A
    /// dot marks the epoch whose weights were kept.
    #[must_use]
    pub fn curves(self, curves: &[Curve]) -> Self {
        let lines = |points: fn(&Curve) -> Vec<(f64, f64)>, style| -> Vec<Series> {
            let line = |(number, curve): (usize, &Curve)| {
                let marked = curve.best().filter(|_| style == Style::Line);
                Series::new(&curve.name, points(curve), style).coloured(number).marked(marked)
            };
            curves.iter().enumerate().map(line).collect()
        };
        let losses = [lines(Curve::training_losses, Style::Faint), lines(Curve::by_epoch, Style::Line)].concat();
        let accuracies =
            [lines(Curve::training_accuracies, Style::Faint), lines(Curve::accuracies, Style::Line)].concat();
        let plots = [
            Plot { x: Axis::linear("epoch"), y: Axis::logarithmic("loss"), series: losses },
            Plot { x: Axis::linear("epoch"), y: Axis::linear("accuracy %"), series: accuracies },
            Plot {
                x: Axis::linear("seconds"),
                y: Axis::logarithmic("validation loss"),
                series: lines(Curve::by_second, Style::Line),
            },
        ];
        self.plots(CURVES, &plots)
    }

    /// Adds plots beside each other, over a line that says what they show.
    #[must_use]
    pub fn plots(self, note: &str, plots: &[Plot]) -> Self {
        let mut named: Vec<(&str, usize)> = Vec::new();
        for series in plots.iter().flat_map(|plot| &plot.series) {
            if !named.contains(&(series.name.as_str(), series.colour)) {
                named.push((&series.name, series.colour));
            }
        }
        self.with(&html! {
            figure {
                @if named.len() > 1 {
                    ul.legend {
                        @for (name, colour) in named {
                            li { span style={ "--colour:var(--colour-" (colour) ")" } {} (name) }
                        }
                    }
                }
                div.plots { @for plot in plots { (plot.to_markup()) } }
                figcaption { (note) }
            }
        })
    }

    /// Adds what is to be shown of a network, if it is.
    #[must_use]
    pub fn exhibit(self, exhibit: Option<&Exhibit>) -> Self {
        let Some(exhibit) = exhibit else { return self };
        let section = self.with(&exhibit.confusion_table());
        let mistakes = exhibit.pictures_of_mistakes();
        let section = match mistakes.len() {
            0 => section.say("No test digit was taken for another."),
            count => section.gallery(&format!("The {count} mistakes on the test digits that {SUREST}"), &mistakes),
        };
        section.first_layer(&exhibit.first_layer)
    }

    /// Adds pictures of the weights of a first layer, `(n, 784)`, one per neuron.
    #[must_use]
    fn first_layer(self, weights: &[f32]) -> Self {
        if weights.is_empty() {
            return self;
        }
        let (address, [width, height]) = of_weights(weights);
        self.with(&html! {
            figure {
                img.weights src=(address) width=(2 * width) height=(2 * height) alt="a square of weights per neuron";
                figcaption {
                    "What each neuron of the first layer weighs the pixels with: "
                    span.negative { "negative" } ", " span.positive { "positive" } "."
                }
            }
        })
    }

    /// Adds pictures of digits with captions, under a line that says what they are.
    #[must_use]
    pub fn gallery(self, note: &str, pictures: &[Picture]) -> Self {
        self.with(&html! {
            figure {
                ul.gallery {
                    @for picture in pictures {
                        li.wrong[picture.wrong] {
                            div {
                                @for image in &picture.images {
                                    img.digit src=(of_digit(image)) width="56" height="56" alt="a digit";
                                }
                            }
                            @for line in &picture.caption { span { (line) } }
                        }
                    }
                }
                figcaption { (note) }
            }
        })
    }

    /// Adds a table that is sorted by a column when its heading is chosen.
    #[must_use]
    pub fn sortable(self, headings: &[String], rows: &[Vec<Cell>]) -> Self {
        self.with(&html! {
            div.scroll {
                table.sortable {
                    thead { tr { @for heading in headings { th scope="col" { button type="button" { (heading) } } } } }
                    tbody {
                        @for row in rows {
                            tr { @for cell in row { td data-key=[cell.key] { (cell.text) } } }
                        }
                    }
                }
            }
        })
    }

    /// Tells whether there is more in it than what a network is made of.
    pub(super) fn has_results(&self) -> bool {
        self.has_results
    }

    pub(super) fn to_markup(&self, index: usize) -> Markup {
        html! { section id={ "section-" (index + 1) } { h2 { (self.title) } (PreEscaped(&self.body)) } }
    }

    fn with(self, markup: &Markup) -> Self {
        Self { body: self.body + &markup.0, has_results: true, ..self }
    }
}

fn table_of(class: &str, headings: &[&str], rows: impl Iterator<Item = Markup>) -> Markup {
    html! {
        div.scroll {
            table class=(class) {
                thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                tbody { @for row in rows { (row) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ch11_core::train::{Epoch, History};

    #[test]
    fn curves_are_of_loss_and_accuracy_in_training_and_validation_with_the_best_epoch_marked() {
        let mut history = History::default();
        for (loss, accuracy) in [(0.5, 0.8), (0.2, 0.9), (0.3, 0.85)] {
            history.push(Epoch {
                training_loss: loss / 2.0,
                training_accuracy: accuracy + 0.05,
                validation_loss: loss,
                validation_accuracy: accuracy,
            });
        }
        let elapsed = [1, 2, 3].map(std::time::Duration::from_secs).to_vec();
        let curve = Curve { name: "plain".to_owned(), history, elapsed };
        let page = Section::new("Curves").curves(&[curve.clone(), curve]).to_markup(0).into_string();
        let plots: Vec<&str> = page.split("<svg ").skip(1).collect();
        let named = |name: &str| plots.iter().filter(|plot| plot.contains(&format!("aria-label=\"{name}\""))).count();
        assert_eq!(
            ["loss against epoch", "accuracy % against epoch", "validation loss against seconds"].map(named),
            [1; 3]
        );
        // Of each fit, a dot, a line on the validation data and, but against seconds, one in training.
        assert_eq!(plots.iter().map(|plot| plot.matches("var(--colour-0)").count()).collect::<Vec<_>>(), [3, 3, 2]);
        assert_eq!(plots.iter().map(|plot| plot.matches("<circle").count()).collect::<Vec<_>>(), [2, 2, 2]);
    }
}
