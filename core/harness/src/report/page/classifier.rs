//! What is shown of one network.

use maud::{Markup, html};

use ch11_core::data::{Dataset, PIXELS};
use ch11_core::metrics::{ConfusionMatrix, Evaluation, Prediction};
use ch11_core::nets::{AnyNetwork, export_tensors};

use super::pictures::{Picture, grey_levels};

/// The most mistakes that are shown.
const MOST_MISTAKES: usize = 20;

/// What a page shows of a classifier of digits: which it takes for which, its worst mistakes, and what its first layer looks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifierView {
    /// The test digits by class and prediction.
    confusion: ConfusionMatrix,
    /// The digit that class 0 is.
    first_digit: usize,
    /// The mistakes that the network was surest of, the worst first.
    mistakes: Vec<Mistake>,
    /// The weights of the first layer, `(n, 784)`.
    pub(super) first_layer: Vec<f32>,
}

/// A test digit that was taken for another one.
#[derive(Debug, Clone, PartialEq)]
struct Mistake {
    /// Its grey levels, `(784)`.
    image: Vec<u8>,
    /// Its class.
    class: usize,
    /// What it was taken for.
    predicted: usize,
    /// How likely the network found that.
    probability: f32,
}

impl ClassifierView {
    /// Takes what is to be shown of a network that was tested on `digits`, whose class 0 is the digit `first_digit`.
    ///
    /// # Panics
    /// If the test was one of another number of digits.
    pub fn of(network: &dyn AnyNetwork, test: &Evaluation, digits: &Dataset<PIXELS>, first_digit: u8) -> Self {
        let first_layer = export_tensors(network).into_iter().find(|tensor| tensor.shape.get(1) == Some(&PIXELS));
        Self {
            confusion: test.confusion.clone(),
            first_digit: first_digit.into(),
            mistakes: worst_mistakes(test, digits),
            first_layer: first_layer.map(|tensor| tensor.values).unwrap_or_default(),
        }
    }

    /// Shows the mistakes with what each digit is, what it was taken for, and how likely the network found that.
    pub(super) fn pictures_of_mistakes(&self) -> Vec<Picture> {
        let picture = |mistake: &Mistake| {
            let [class, predicted] = [mistake.class, mistake.predicted].map(|class| class + self.first_digit);
            let caption = vec![format!("{class} → {predicted}"), format!("{:.1} %", 100.0 * mistake.probability)];
            Picture { images: vec![mistake.image.clone()], caption, wrong: true }
        };
        self.mistakes.iter().map(picture).collect()
    }

    /// A coloured table of classes and predictions: the more of a class, the stronger the colour.
    pub(super) fn confusion_table(&self) -> Markup {
        let Self { confusion, first_digit, .. } = self;
        let classes: Vec<usize> = (0..confusion.rows().count()).collect();
        // A few mistakes among many digits should be seen, hence the root.
        let style = |row: &[usize], count: usize| {
            let share = count as f64 / row.iter().sum::<usize>().max(1) as f64;
            format!("--share:{:.3}", share.sqrt())
        };
        html! {
            figure {
                div.scroll {
                    table.confusion {
                        thead {
                            tr {
                                th scope="col" { "actual \\ predicted" }
                                @for class in &classes { th scope="col" { (class + first_digit) } }
                                th scope="col" { "recall %" }
                            }
                        }
                        tbody {
                            @for (class, row) in confusion.rows().enumerate() {
                                tr {
                                    th scope="row" { (class + first_digit) }
                                    @for (predicted, &count) in row.iter().enumerate() {
                                        td.right[class == predicted] style=(style(row, count)) { (count) }
                                    }
                                    td.rate { (format!("{:.2}", 100.0 * confusion.recall(class))) }
                                }
                            }
                            tr {
                                th scope="row" { "precision %" }
                                @for &class in &classes {
                                    td.rate { (format!("{:.2}", 100.0 * confusion.precision(class))) }
                                }
                                td {}
                            }
                        }
                    }
                }
                figcaption { "The test digits by what they are and what they were taken for." }
            }
        }
    }
}

fn worst_mistakes(test: &Evaluation, digits: &Dataset<PIXELS>) -> Vec<Mistake> {
    assert_eq!(test.predictions.len(), digits.len(), "a prediction per test digit");
    let labelled = test.predictions.iter().zip(digits.labels()).enumerate();
    let mut wrong: Vec<_> = labelled.filter(|(_, (prediction, _))| !prediction.is_right()).collect();
    wrong.sort_by(|(_, (a, _)), (_, (b, _))| b.probability.total_cmp(&a.probability));
    let mistake = |(row, (prediction, label)): (usize, (&Prediction, &u8))| Mistake {
        image: grey_levels(digits, row),
        class: usize::from(*label),
        predicted: usize::from(prediction.class),
        probability: prediction.probability,
    };
    wrong.into_iter().take(MOST_MISTAKES).map(mistake).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ch11_core::nets::{DeepNet, build};

    #[test]
    fn the_surest_mistakes_come_first_and_nothing_else_does() {
        // Digit `row` is all of grey `row`; every third is taken for the next class, the surer the later it comes.
        let count = 90;
        let pixels = (0..count).flat_map(|row| vec![row as u8; PIXELS]).collect();
        let labels: Vec<u8> = (0..count).map(|row| (row % 5) as u8).collect();
        let mut confusion = ConfusionMatrix::new(5);
        let predict = |(row, &label): (usize, &u8)| {
            let class = if row % 3 == 0 { (label + 1) % 5 } else { label };
            confusion.add(label.into(), class.into());
            Prediction { class, label, probability: 0.5 + row as f32 / 200.0 }
        };
        let predictions = labels.iter().enumerate().map(predict).collect();
        let test = Evaluation { loss: 1.0, confusion, predictions };
        let digits = Dataset::from_pixels(pixels, labels, 5);

        let view = ClassifierView::of(&build::<DeepNet<5>>(1), &test, &digits, 5);
        let rows: Vec<u8> = view.mistakes.iter().map(|mistake| mistake.image[0]).collect();
        let expected: Vec<u8> = (0..90).rev().filter(|row| row % 3 == 0).take(20).collect();
        assert_eq!(rows, expected);
        let worst = &view.mistakes[0];
        assert_eq!((worst.class, worst.predicted, worst.probability), (2, 3, 0.5 + 87.0 / 200.0));
        assert_eq!(view.pictures_of_mistakes()[0].caption, ["7 → 8", "93.5 %"]);
        assert_eq!(view.first_layer.len(), 100 * PIXELS);
    }
}
