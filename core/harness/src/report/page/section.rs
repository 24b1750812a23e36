//! The findings of a part on the page.

use ch11_core::nets::{LayerSummary, Summary};
use ch11_core::text::thousands;
use maud::{Markup, html};

use super::classifier::ClassifierView;
use super::forest::forest;
use super::pictures::{Picture, of_digit, of_weights};
use super::plots::{Axis, Plot, Series, Style};
use crate::report::findings::{Figure, Findings};
use crate::report::table::{HEADINGS, Line, lines};
use crate::report::{Cell, Curve, Row};

/// What is said below learning curves.
const CURVES: &str = "Learning curves: on the validation data and, in faint lines, on the training data, where each instance is measured just before \
                      the step on its batch. A dot marks the epoch whose weights were kept.";

/// What is said below mistakes.
const SUREST: &str = "the network was surest of: a digit → what it was taken for, and how sure the network was.";

/// Writes the findings of a part as a section of the page, the one of this number.
pub(super) fn section(number: usize, findings: &Findings) -> Markup {
    html! {
        section id={ "section-" (number) } {
            h2 { (findings.heading()) }
            @if let Some(summary) = &findings.network { (network(summary)) }
            @if !findings.rows.is_empty() { (results(&findings.rows)) }
            @for sentence in findings.sentences() { p { (sentence) } }
            @for it in &findings.figures { (figure(it)) }
        }
    }
}

/// Tells whether there is more in findings than what a network is made of.
pub(super) fn has_results(findings: &Findings) -> bool {
    !findings.rows.is_empty() || !findings.figures.is_empty() || findings.sentences().next().is_some()
}

fn figure(figure: &Figure) -> Markup {
    match figure {
        Figure::Curves(curves) => learning_curves(curves),
        Figure::Plots { note, plots } => beside_each_other(note, plots),
        Figure::Parallel { note, lines } => lines.to_markup(note),
        Figure::Gallery { note, pictures } => gallery(note, pictures),
        Figure::Classifier { note, view } => html! {
            @if !note.is_empty() { p { (note) } }
            (shown(view))
        },
        Figure::Sortable { headings, rows, note } => html! {
            (sortable(headings, rows))
            @if !note.is_empty() { p { (note) } }
        },
        Figure::Verdicts { note, verdicts } => forest(note, verdicts),
    }
}

fn network(summary: &Summary) -> Markup {
    let row = |layer: &LayerSummary| {
        let tensors: Vec<String> = layer.tensors.iter().map(|(name, shape)| format!("{name} {shape:?}")).collect();
        let [parameters, trainable] = [layer.parameters, layer.trainable].map(thousands);
        html! { tr { td { (layer.name) } td { (tensors.join(", ")) } td { (parameters) } td { (trainable) } } }
    };
    table_of("layers", &["layer", "tensors", "parameters", "trainable"], summary.layers.iter().map(row))
}

fn results(rows: &[Row]) -> Markup {
    let row = |Line { cells, is_reference }: Line| {
        html! { tr.reference[is_reference] { @for cell in cells { td { (cell) } } } }
    };
    table_of("results", &HEADINGS, lines(rows).into_iter().map(row))
}

/// Draws the learning curves of some fits: losses and accuracies against epochs, and validation loss against seconds. A dot marks the epoch
/// whose weights were kept.
fn learning_curves(curves: &[Curve]) -> Markup {
    let lines = |points: fn(&Curve) -> Vec<(f64, f64)>, style| -> Vec<Series> {
        let line = |(number, curve): (usize, &Curve)| {
            let marked = curve.best().filter(|_| style == Style::Line);
            Series::new(&curve.name, points(curve), style).coloured(number).marked(marked)
        };
        curves.iter().enumerate().map(line).collect()
    };
    let losses = [lines(Curve::training_losses, Style::Faint), lines(Curve::by_epoch, Style::Line)].concat();
    let accuracies = [lines(Curve::training_accuracies, Style::Faint), lines(Curve::accuracies, Style::Line)].concat();
    let by_second = lines(Curve::by_second, Style::Line);
    let plots = [
        Plot { x: Axis::linear("epoch"), y: Axis::logarithmic("loss"), series: losses },
        Plot { x: Axis::linear("epoch"), y: Axis::linear("accuracy %"), series: accuracies },
        Plot { x: Axis::linear("seconds"), y: Axis::logarithmic("validation loss"), series: by_second },
    ];
    beside_each_other(CURVES, &plots)
}

/// Shows plots beside each other, over a line that says what they show.
fn beside_each_other(note: &str, plots: &[Plot]) -> Markup {
    let mut named: Vec<(&str, usize)> = Vec::new();
    for series in plots.iter().flat_map(|plot| &plot.series) {
        if !named.contains(&(series.name.as_str(), series.colour)) {
            named.push((&series.name, series.colour));
        }
    }
    html! {
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
    }
}

/// Shows which digits a network takes for which, its worst mistakes, and what its first layer looks for.
fn shown(view: &ClassifierView) -> Markup {
    let mistakes = view.pictures_of_mistakes();
    html! {
        (view.confusion_table())
        @if mistakes.is_empty() {
            p { "No test digit was taken for another." }
        } @else {
            (gallery(&format!("The {} mistakes on the test digits that {SUREST}", mistakes.len()), &mistakes))
        }
        @if !view.first_layer.is_empty() { (first_layer(&view.first_layer)) }
    }
}

/// Shows the weights of a first layer, `(n, 784)`, as a picture per neuron.
fn first_layer(weights: &[f32]) -> Markup {
    let (address, [width, height]) = of_weights(weights);
    html! {
        figure {
            img.weights src=(address) width=(2 * width) height=(2 * height) alt="a square of weights per neuron";
            figcaption {
                "The weights that each neuron of the first layer gives to the pixels: "
                span.negative { "negative" } ", " span.positive { "positive" } "."
            }
        }
    }
}

/// Shows pictures of digits with captions, over a line that says what they are.
fn gallery(note: &str, pictures: &[Picture]) -> Markup {
    html! {
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
    }
}

fn sortable(headings: &[String], rows: &[Vec<Cell>]) -> Markup {
    html! {
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
    use ch11_core::train::{Epoch, History};

    use super::*;

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
        let page = learning_curves(&[curve.clone(), curve]).into_string();
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
