//! How far gradients spread under three activation functions.

use anyhow::Result;
use ch11_core::nets::Activation;
use plotters::prelude::*;

use super::{COLOURS, GRID, LABEL, TITLE, add_legend, add_line, on_canvas};
use crate::activations::gradient_spreads;
use crate::experiment::digits;

/// The initial weights of all three networks.
const SEED: u64 = 1;
const EPOCHS: usize = 10;

/// Draws the standard deviation of the gradients in each of five hidden layers, before training and after each epoch, under the
/// logistic function, ReLU and ELU.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn gradients() -> Result<String> {
    let digits = digits();
    on_canvas((860, 330), |canvas| {
        let panels = canvas.split_evenly((1, 3));
        for (panel, activation) in panels.iter().zip([Activation::Logistic, Activation::Relu, Activation::Elu]) {
            let layers = gradient_spreads(activation, SEED, &digits, EPOCHS)?;
            let mut chart = ChartBuilder::on(panel)
                .caption(activation.to_string(), ("sans-serif", TITLE))
                .margin(20)
                .x_label_area_size(68)
                .y_label_area_size(84)
                .build_cartesian_2d(0.0..EPOCHS as f32, -4.0_f32..0.0)?;
            chart
                .configure_mesh()
                .max_light_lines(0)
                .bold_line_style(GRID)
                .label_style(("sans-serif", LABEL))
                .x_labels(6)
                .y_labels(5)
                .x_label_formatter(&|epoch| format!("{epoch:.0}"))
                .y_label_formatter(&|power| format!("{}", 10_f32.powf(*power)))
                .x_desc("epoch")
                .draw()?;
            for ((number, deviations), colour) in (1..).zip(layers).zip(COLOURS) {
                let points = deviations.iter().enumerate().map(|(epoch, it)| (epoch as f32, it.log10() as f32));
                add_line(&mut chart, &format!("layer {number}"), colour, points.collect())?;
            }
            if activation == Activation::Elu {
                add_legend(&mut chart, SeriesLabelPosition::LowerRight)?;
            }
        }
        Ok(())
    })
}
