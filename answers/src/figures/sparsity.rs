//! What sparse models lose in accuracy.

use anyhow::Result;
use ch11_core::data::Digits;
use ch11_core::nets::build;
use plotters::prelude::*;

use super::{COLOURS, GRID, LABEL, add_line, on_canvas};
use crate::experiment::{Network, accuracy, descend, digits};
use crate::sparse::{Ftrl, prune, soft_threshold, sparsity as fraction_of_zeros};

/// The initial weights of all networks.
const SEED: u64 = 1;
/// The steps of all fits.
const STEPS: usize = 800;
/// The step size where there is one.
const RATE: f32 = 0.2;

/// A fraction of weights that are 0, and the accuracy of the network that has them.
type Point = (f32, f32);

/// Draws the accuracy of the same network on test digits against the fraction of its weights that are 0: pruned to several
/// fractions, and trained with several penalties in two ways.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn sparsity() -> Result<String> {
    let digits = digits();
    let curves = [
        ("pruned after training", pruned(&digits)?),
        ("L1, proximal steps", trained_with_l1(&digits)?),
        ("FTRL-Proximal", trained_with_ftrl(&digits)?),
    ];
    on_canvas((640, 400), |canvas| {
        let mut chart = ChartBuilder::on(canvas)
            .margin(28)
            .x_label_area_size(84)
            .y_label_area_size(104)
            .build_cartesian_2d(0.0_f32..100.0, 0.0_f32..100.0)?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .bold_line_style(GRID)
            .label_style(("sans-serif", LABEL))
            .x_label_formatter(&|percent| format!("{percent:.0}"))
            .y_label_formatter(&|percent| format!("{percent:.0}"))
            .x_desc("weights that are 0, %")
            .y_desc("accuracy on test digits, %")
            .draw()?;
        for ((name, points), colour) in curves.into_iter().zip(COLOURS) {
            let points: Vec<Point> = points.into_iter().map(|(zeros, right)| (100.0 * zeros, 100.0 * right)).collect();
            chart.draw_series(points.iter().map(|&point| Circle::new(point, 6, colour.filled())))?;
            add_line(&mut chart, name, colour, points)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerLeft)
            .label_font(("sans-serif", LABEL))
            .legend_area_size(48)
            .background_style(WHITE)
            .border_style(GRID)
            .draw()?;
        Ok(())
    })
}

fn point(network: &Network, digits: &Digits) -> Result<Point> {
    Ok((fraction_of_zeros(network) as f32, accuracy(network, digits)? as f32))
}

fn pruned(digits: &Digits) -> Result<Vec<Point>> {
    let mut network: Network = build(SEED);
    // The L2 penalty lets the weights that are not needed shrink.
    let l2 = 0.001;
    descend(&mut network, &digits.train, STEPS, |_, weight, gradient| weight - RATE * (gradient + l2 * weight))?;
    let fractions = (0..=18).map(|twentieth| f64::from(twentieth) / 20.0).chain([0.925, 0.95, 0.965, 0.98, 0.99]);
    fractions.map(|fraction| point(&prune(&network, fraction), digits)).collect()
}

fn trained_with_l1(digits: &Digits) -> Result<Vec<Point>> {
    let fit = |l1: f32| {
        let mut network: Network = build(SEED);
        let proximal = |_, weight, gradient| soft_threshold(weight - RATE * gradient, RATE * l1);
        descend(&mut network, &digits.train, STEPS, proximal)?;
        point(&network, digits)
    };
    [0.0, 0.0003, 0.0006, 0.001, 0.002, 0.003, 0.004].into_iter().map(fit).collect()
}

fn trained_with_ftrl(digits: &Digits) -> Result<Vec<Point>> {
    let fit = |l1: f32| {
        let mut network: Network = build(SEED);
        let mut ftrl = Ftrl::new(&network, 0.3, l1);
        descend(&mut network, &digits.train, STEPS, |position, weight, gradient| {
            ftrl.step(position, weight, gradient)
        })?;
        point(&network, digits)
    };
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7].into_iter().map(fit).collect()
}
