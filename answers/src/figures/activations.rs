//! Five activation functions, and their derivatives beside them.

use anyhow::Result;
use ch11_core::nets::Activation;
use dfdx::nn::modules::{Sigmoid, Tanh};
use plotters::prelude::*;

use super::{COLOURS, GRID, LABEL, TITLE, add_legend, add_line, on_canvas};
use crate::activations::values_and_slopes;

/// Draws ELU, ReLU, leaky ReLU, tanh and the logistic function from -4 to 3, and their derivatives.
///
/// # Errors
/// If there is not enough memory for a tensor.
pub fn activations() -> Result<String> {
    // No point lies at 0, where ReLU has no derivative.
    let zs: Vec<f32> = (-100..75).map(|index| (index as f32 + 0.5) / 25.0).collect();
    let leaky = Activation::LeakyRelu { slope: 0.1 };
    let curves = [
        ("ELU", values_and_slopes(&Activation::Elu, &zs)?),
        ("ReLU", values_and_slopes(&Activation::Relu, &zs)?),
        ("leaky ReLU 0.1", values_and_slopes(&leaky, &zs)?),
        ("tanh", values_and_slopes(&Tanh, &zs)?),
        ("logistic", values_and_slopes(&Sigmoid, &zs)?),
    ];
    on_canvas((860, 380), |canvas| {
        let panels = canvas.split_evenly((1, 2));
        let functions = ("activation", -1.5_f32..3.0, curves.each_ref().map(|(_, (values, _))| values));
        let derivatives = ("derivative", -0.1..1.2, curves.each_ref().map(|(_, (_, slopes))| slopes));
        for (panel, (title, range, lines)) in panels.iter().zip([functions, derivatives]) {
            let mut chart = ChartBuilder::on(panel)
                .caption(title, ("sans-serif", TITLE))
                .margin(20)
                .x_label_area_size(68)
                .y_label_area_size(68)
                .build_cartesian_2d(-4.0_f32..3.0, range)?;
            chart
                .configure_mesh()
                .max_light_lines(0)
                .bold_line_style(GRID)
                .label_style(("sans-serif", LABEL))
                .x_desc("z")
                .draw()?;
            for (((name, _), line), colour) in curves.iter().zip(lines).zip(COLOURS) {
                add_line(&mut chart, name, colour, zs.iter().copied().zip(line.iter().copied()).collect())?;
            }
            if title == "activation" {
                add_legend(&mut chart, SeriesLabelPosition::UpperLeft)?;
            }
        }
        Ok(())
    })
}
