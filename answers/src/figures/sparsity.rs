//! What sparse models lose in accuracy.

use std::thread;

use anyhow::{Result, anyhow};
use ch11_core::data::Digits;
use ch11_core::nets::build;
use plotters::prelude::*;

use super::{COLOURS, GRID, LABEL, LEGEND_LINE, THIN, add_legend, add_line, on_canvas};
use crate::experiment::{Network, accuracy, descend, digits};
use crate::sparse::{Ftrl, asleep, counts, fraction, prune, refit, soft_threshold};

/// The initial weights of all networks.
const SEED: u64 = 1;
/// The steps of all fits, and of all refits.
const STEPS: [usize; 2] = [600, 200];
/// The step size where there is one.
const RATE: f32 = 0.2;

/// The percentage of weights that are 0, and the accuracy before and after the others are refitted, in percent.
type Point = (f32, [f32; 2]);

/// Draws the accuracy of the same network on test digits against the fraction of its weights that are 0: pruned to several
/// fractions, and trained with several penalties in two ways.
///
/// # Errors
/// If there is not enough memory for a batch.
pub fn sparsity() -> Result<String> {
    let digits = &digits();
    let curves = thread::scope(|scope| {
        let curves = [pruned, trained_with_l1, trained_with_ftrl].map(|curve| scope.spawn(move || curve(digits)));
        curves.map(|curve| curve.join().map_err(|_| anyhow!("a curve could not be computed"))?)
    });
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
            .x_desc("weights that are 0, % of those that count")
            .y_desc("accuracy on test digits, %")
            .draw()?;
        let names = ["pruned, refitted", "L1, proximal steps, refitted", "FTRL-Proximal, refitted"];
        for ((name, points), colour) in names.into_iter().zip(curves).zip(COLOURS) {
            let points = points?;
            let [before, after] =
                [0, 1].map(|when| points.iter().map(|(zeros, right)| (*zeros, right[when])).collect::<Vec<_>>());
            chart.draw_series(LineSeries::new(before, colour.stroke_width(2 * THIN)))?;
            chart.draw_series(after.iter().map(|&point| Circle::new(point, 6, colour.filled())))?;
            add_line(&mut chart, name, colour, after)?;
        }
        chart
            .draw_series(LineSeries::new([], COLOURS[4]))?
            .label("before the refit")
            .legend(|(x, y)| PathElement::new([(x, y), (x + LEGEND_LINE, y)], COLOURS[4].stroke_width(2 * THIN)));
        add_legend(&mut chart, SeriesLabelPosition::LowerLeft)?;
        Ok(())
    })
}

fn point(network: &Network, digits: &Digits, counts: &[bool]) -> Result<Point> {
    let zeros = fraction(asleep(network, counts), counts);
    let refitted = refit(network, &digits.train, RATE, STEPS[1])?;
    let right = [accuracy(network, digits)?, accuracy(&refitted, digits)?];
    Ok((100.0 * zeros as f32, right.map(|right| 100.0 * right as f32)))
}

fn pruned(digits: &Digits) -> Result<Vec<Point>> {
    let mut network: Network = build(SEED);
    let counts = counts(&network, &digits.train);
    // The L2 penalty lets the weights that are not needed shrink.
    let l2 = 0.001;
    descend(&mut network, &digits.train, STEPS[0], |_, weight, gradient| weight - RATE * (gradient + l2 * weight))?;
    let fractions = [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];
    fractions.into_iter().map(|fraction| point(&prune(&network, fraction, &counts), digits, &counts)).collect()
}

fn trained_with_l1(digits: &Digits) -> Result<Vec<Point>> {
    let fit = |l1: f32| {
        let mut network: Network = build(SEED);
        let counts = counts(&network, &digits.train);
        descend(&mut network, &digits.train, STEPS[0], |position, weight, gradient| {
            soft_threshold(weight - RATE * gradient, if counts[position] { RATE * l1 } else { 0.0 })
        })?;
        point(&network, digits, &counts)
    };
    [0.0003, 0.001, 0.002, 0.003, 0.005].into_iter().map(fit).collect()
}

fn trained_with_ftrl(digits: &Digits) -> Result<Vec<Point>> {
    let fit = |l1: f32| {
        let mut network: Network = build(SEED);
        let counts = counts(&network, &digits.train);
        let mut ftrl = Ftrl::new(&network, 0.3, l1, &counts);
        descend(&mut network, &digits.train, STEPS[0], |position, weight, gradient| {
            ftrl.step(position, weight, gradient)
        })?;
        point(&network, digits, &counts)
    };
    [0.0001, 0.0003, 0.001, 0.002, 0.004].into_iter().map(fit).collect()
}
