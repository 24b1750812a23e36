//! Learning curves as pictures.

use std::time::Duration;

use plotters::coord::combinators::WithKeyPoints;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::ticks::{round_numbers, written};
use ch11_core::train::{Epoch, Fitted, History};

/// How a fit went, under the name that a legend gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The name.
    pub name: String,
    /// The epochs.
    pub history: History,
    /// How long the fit had taken when each epoch had ended; empty if that is not known.
    pub elapsed: Vec<Duration>,
}

/// The colours of Okabe and Ito, which people who see colours differently can tell apart too.
pub(super) const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(90, 90, 90),
];

/// The most points of a line that are drawn: more than there are places for them.
const MOST_POINTS: usize = 1000;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, WithKeyPoints<LogCoord<f64>>>>;
type Drawn<T = ()> = Result<T, Box<dyn std::error::Error>>;

impl Curve {
    /// Takes the curve of a fit.
    pub fn of<M>(name: &str, fitted: &Fitted<M>) -> Self {
        Self { name: name.to_owned(), history: fitted.history.clone(), elapsed: fitted.elapsed.clone() }
    }

    /// The validation loss after each epoch.
    pub(super) fn by_epoch(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| epoch.validation_loss)
    }

    /// The training loss of each epoch.
    pub(super) fn training_losses(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| epoch.training_loss)
    }

    /// The training accuracy of each epoch, in percent.
    pub(super) fn training_accuracies(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| 100.0 * epoch.training_accuracy)
    }

    /// The validation accuracy after each epoch, in percent.
    pub(super) fn accuracies(&self) -> Vec<(f64, f64)> {
        self.numbered(|epoch| 100.0 * epoch.validation_accuracy)
    }

    fn numbered(&self, figure: impl Fn(&Epoch) -> f64) -> Vec<(f64, f64)> {
        (1..).zip(self.history.epochs()).map(|(number, epoch)| (f64::from(number), figure(epoch))).collect()
    }

    /// The validation loss after so many seconds.
    pub(super) fn by_second(&self) -> Vec<(f64, f64)> {
        let timed = self.elapsed.iter().zip(self.history.epochs());
        timed.map(|(elapsed, epoch)| (elapsed.as_secs_f64(), epoch.validation_loss)).collect()
    }

    /// The position in the history of the epoch whose weights were kept.
    pub(super) fn best(&self) -> Option<usize> {
        self.history.best().map(|(number, _)| number - 1)
    }
}

/// Draws the validation loss of some fits, on a logarithmic scale, against epochs and against seconds, as an SVG picture of 960 by
/// 400 pixels; a dot marks the epoch whose weights were kept.
///
/// # Errors
/// If the drawing library fails; what it says.
pub fn learning_curves(title: &str, curves: &[Curve]) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, title, curves).map_err(|error| error.to_string())?;
    Ok(svg)
}

fn draw(svg: &mut String, title: &str, curves: &[Curve]) -> Drawn {
    let root = SVGBackend::with_string(svg, (960, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.titled(title, ("sans-serif", 20))?;
    let (left, right) = root.split_horizontally(480);
    panel(&left, "epoch", curves, Curve::by_epoch)?;
    panel(&right, "seconds", curves, Curve::by_second)?;
    root.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    x_name: &str,
    curves: &[Curve],
    points: impl Fn(&Curve) -> Vec<(f64, f64)>,
) -> Drawn {
    let lines: Vec<Vec<(f64, f64)>> = curves
        .iter()
        .map(|curve| points(curve).into_iter().filter(|(_, loss)| loss.is_finite() && *loss > 0.0).collect())
        .collect();
    let losses = || lines.iter().flatten().map(|&(_, loss)| loss);
    let (lowest, highest) = (losses().fold(1.0, f64::min), losses().fold(1e-6, f64::max));
    let last = lines.iter().flatten().map(|&(x, _)| x).fold(1e-3, f64::max);
    let range = lowest * 0.9..highest * 1.1;
    let losses_axis = range.clone().log_scale().with_key_points(round_numbers(&range));
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..last * 1.02, losses_axis)?;
    chart
        .configure_mesh()
        .x_desc(x_name)
        .y_desc("validation loss")
        .light_line_style(RGBColor(238, 238, 238))
        .bold_line_style(RGBColor(214, 214, 214))
        .x_labels(8)
        .x_max_light_lines(0)
        .x_label_formatter(&|x| written(*x))
        .y_max_light_lines(0)
        .y_label_formatter(&|loss| written(*loss))
        .draw()?;
    for (index, (curve, line)) in curves.iter().zip(lines).enumerate() {
        draw_line(&mut chart, curve, line, COLOURS[index % COLOURS.len()])?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(214, 214, 214))
        .draw()?;
    Ok(())
}

/// Leaves out points between others, so that a line of any length takes little room.
pub(super) fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (step, last) = (points.len().div_ceil(MOST_POINTS).max(1), points.len().saturating_sub(1));
    let kept = |&(index, _): &(usize, (f64, f64))| index % step == 0 || index == last;
    points.iter().copied().enumerate().filter(kept).map(|(_, point)| point).collect()
}

fn draw_line(chart: &mut Chart<'_, '_>, curve: &Curve, line: Vec<(f64, f64)>, colour: RGBColor) -> Drawn {
    let best = curve.best().and_then(|best| line.get(best).copied());
    let drawn = chart.draw_series(LineSeries::new(thinned(&line), colour.stroke_width(2)))?;
    drawn.label(&curve.name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    chart.draw_series(best.map(|point| Circle::new(point, 4, colour.filled())))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_is_drawn_and_named_and_no_loss_breaks_the_picture() {
        let curve = |name: &str, losses: &[f64]| {
            let mut history = History::default();
            for &validation_loss in losses {
                history.push(Epoch { validation_loss, ..Epoch::default() });
            }
            let elapsed = (1..=losses.len() as u64).map(Duration::from_secs).collect();
            Curve { name: name.to_owned(), history, elapsed }
        };
        let curves = [curve("plain", &[0.3, 0.1, 0.2]), curve("diverged", &[0.5, f64::NAN, 0.0]), curve("empty", &[])];
        let svg = learning_curves("Three fits", &curves).unwrap();
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        for text in ["Three fits", "plain", "diverged", "empty", "epoch", "seconds", "validation loss"] {
            assert!(svg.contains(&format!("\n{text}\n")), "{text}");
        }
        assert!(!svg.contains("NaN"));
        learning_curves("No fit", &[]).unwrap();
    }
}
