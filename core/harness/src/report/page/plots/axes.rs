//! The axes of a plot: where numbers are on them, and which are labelled.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use super::letters::{GAP, width};
use super::ticks::{MOST_TICKS, round_numbers, written};

/// An axis: its name, and its scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub(super) name: String,
    scale: Scale,
}

#[derive(Debug, Clone, PartialEq)]
enum Scale {
    Linear,
    Logarithmic,
    /// The numbers 0, 1 and so on stand for these.
    Named(Vec<String>),
}

impl Axis {
    /// An axis on which equal differences have equal lengths.
    pub fn linear(name: &str) -> Self {
        Self { name: name.to_owned(), scale: Scale::Linear }
    }

    /// An axis on which equal ratios have equal lengths; numbers that are not above 0 are not drawn.
    pub fn logarithmic(name: &str) -> Self {
        Self { name: name.to_owned(), scale: Scale::Logarithmic }
    }

    /// An axis of names, which the numbers 0, 1 and so on stand for.
    pub fn of_names(name: &str, names: Vec<String>) -> Self {
        Self { name: name.to_owned(), scale: Scale::Named(names) }
    }

    /// Returns the place of a number on the axis, if it has one.
    pub(super) fn place(&self, number: f64) -> Option<f64> {
        let place = if self.scale == Scale::Logarithmic { number.log10() } else { number };
        Some(place).filter(|place| place.is_finite())
    }

    /// Returns the part of the axis that holds these places with some room around them.
    pub(crate) fn range(&self, places: impl Iterator<Item = f64>) -> Range<f64> {
        if let Scale::Named(names) = &self.scale {
            return -0.6..names.len() as f64 - 0.4;
        }
        let (low, high) =
            places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
        if low > high {
            return 0.0..1.0;
        }
        let room = if high > low { 0.05 * (high - low) } else { (0.05 * high.abs()).max(0.05) };
        low - room..high + room
    }

    /// Returns the numbers that are labelled along a range of a linear axis as narrow as a column of a table on a phone, and how far along
    /// each is, from 0 to 1.
    pub(crate) fn few_labels(&self, range: Range<f64>) -> Vec<(f64, String)> {
        const COLUMN: i32 = 260;
        let (start, length) = (range.start, range.end - range.start);
        let places = Places::of(self, range).apart(COLUMN, |tick| width(&self.label(tick)) + GAP);
        places.ticks.iter().map(|&tick| ((tick - start) / length, self.label(tick))).collect()
    }

    pub(super) fn has_names(&self) -> bool {
        matches!(self.scale, Scale::Named(_))
    }

    /// Returns the places in a range that are labelled.
    fn ticks(&self, range: &Range<f64>) -> Vec<f64> {
        match &self.scale {
            Scale::Named(names) => (0..names.len()).map(|index| index as f64).collect(),
            Scale::Linear => round_steps(range),
            Scale::Logarithmic => {
                let numbers = 10_f64.powf(range.start)..10_f64.powf(range.end);
                let mut ticks = round_numbers(&numbers);
                if ticks.len() < 3 {
                    ticks = round_steps(&numbers);
                }
                ticks.into_iter().filter_map(|tick| self.place(tick)).collect()
            }
        }
    }

    /// Returns the label at a place.
    pub(super) fn label(&self, place: f64) -> String {
        match &self.scale {
            Scale::Linear => written(place),
            Scale::Logarithmic => written(10_f64.powf(place)),
            Scale::Named(names) => names.get(place.round() as usize).map(|name| shortened(name)).unwrap_or_default(),
        }
    }
}

/// Shortens a name: a number of many digits becomes a multiple of a power of ten.
fn shortened(name: &str) -> String {
    let number = name.parse().ok().filter(|number: &f64| name.len() > 6 && number.is_finite());
    number.map_or(name.to_owned(), written)
}

/// The range and the ticks of an axis, as plotters asks for them.
pub(super) struct Places {
    range: Range<f64>,
    ticks: Vec<f64>,
}

impl Places {
    pub(super) fn of(axis: &Axis, range: Range<f64>) -> Self {
        Self { ticks: axis.ticks(&range), range }
    }

    pub(super) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// Leaves out ticks until the labels of the others, which have these widths, do not touch on an axis of this
    /// length.
    pub(super) fn apart(mut self, length: i32, width: impl Fn(f64) -> i32) -> Self {
        let all = std::mem::take(&mut self.ticks);
        let touch = |ticks: &[f64]| {
            let middle = |tick: f64| self.map(&tick, (0, length));
            ticks.windows(2).any(|two| middle(two[1]) - middle(two[0]) < (width(two[0]) + width(two[1])) / 2)
        };
        let fewer = |step| all.iter().copied().step_by(step).collect::<Vec<f64>>();
        let ticks = (1..).map(fewer).find(|ticks| !touch(ticks)).unwrap_or_default();
        Self { ticks, ..self }
    }
}

impl Ranged for Places {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (first, last): (i32, i32)) -> i32 {
        // However far outside of the range a place is, it is drawn near it.
        let share = ((place - self.range.start) / (self.range.end - self.range.start)).clamp(-1.0, 2.0);
        first + (share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// Returns the multiples in a range of 1, 2 or 5 times a power of ten, chosen so that there are few.
fn round_steps(range: &Range<f64>) -> Vec<f64> {
    let least = (range.end - range.start) / MOST_TICKS as f64;
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|first| first * power).into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(10.0 * power);
    let first = (range.start / step).ceil();
    (0..=MOST_TICKS).map(|index| (first + index as f64) * step).filter(|tick| *tick <= range.end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(round_steps(&(0.0..10.0)), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        let axis = Axis::logarithmic("loss");
        let labels = |low: f64, high: f64| -> Vec<String> {
            axis.ticks(&(low.log10()..high.log10())).into_iter().map(|place| axis.label(place)).collect()
        };
        assert_eq!(labels(0.015, 0.6), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(labels(0.0009, 1.1), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(0.71, 0.79), ["0.72", "0.74", "0.76", "0.78"]);
    }
}
